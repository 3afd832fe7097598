"""Champion and challenger: who goes on speaking when new sales come in.

At each refresh the champion learns the new days. When its errors drift, or its choice of models is a week
old, a challenger is chosen anew and stored beside it. Both have stored what they say of the coming days; when
a week of them has come, they are compared, and the challenger takes over only when it is shown to err less.
"""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from forecasting.counted import Told
from forecasting.drift import LEAST_DAYS, Verdict, daily_loss, needs_refit, takes_over
from storage.backtests import challenger_of
from storage.forecasts import realised
from storage.models import ForecastModel
from workers.context import Context
from workers.lessons import Learned, Lesson, choose_anew, keep
from workers.verdicts import SERVICE

MOST_AGE = 7
RECENT = timedelta(days=28)
KEY = ["unique_id", "ds"]


def succeed(
    context: Context,
    lesson: Lesson,
    champion: ForecastModel,
    forecaster: Any,
    told: Told | None = None,
) -> ForecastModel:
    """Renew the champion, or let the challenger take over; return who speaks now.

    Parameters
    ----------
    champion, forecaster
        Who has spoken so far; its artefact, which is changed.
    told
        Is told how many steps are done, and of how many; of the challenger it is told anew.
    """
    started = time.monotonic()
    with context.sessions() as session:
        challenger = challenger_of(session, champion)
        beside = session.get(ForecastModel, challenger.params.get("beside")) if challenger else None
    verdict = _compared(context, lesson, challenger, beside)
    chosen = date.fromisoformat(champion.params.get("chosen", champion.cutoff.isoformat()))
    refit = needs_refit(
        recent_losses(context, lesson, champion),
        losses_of(forecaster.cv_, SERVICE),
        (lesson.panel.cutoff - chosen).days,
        MOST_AGE,
    )
    reason = refit.reason
    if challenger is not None and verdict is not None:
        reason = verdict.reason
        if verdict.yes:
            chosen, forecaster = challenger.cutoff, context.artifacts.load_forecaster(challenger.path)
    forecaster.renew(lesson.panel.frame, lesson.panel.spec, told)
    learned = Learned(forecaster, chosen, reason, time.monotonic() - started)
    model = keep(context, lesson, learned, dismiss=verdict is not None)
    if refit.yes and challenger is None:
        keep(context, lesson, choose_anew(context, lesson, refit.reason, told), beside=model.id)
    return model


def recent_losses(context: Context, lesson: Lesson, champion: ForecastModel) -> np.ndarray:
    """Return the mean error of what was forecast, for each of the last four weeks' days that have come."""
    ids = [int(uid) for uid in lesson.panel.frame["unique_id"].unique()]
    with context.sessions() as session:
        rows = realised(session, champion, ids, lesson.panel.cutoff - RECENT)
    frame = pd.DataFrame(rows, columns=["ds", "y", "yhat"])
    error = (frame["y"] - frame["yhat"]).abs().groupby(frame["ds"]).mean()
    return error.sort_index().to_numpy(float)


def losses_of(cv: pd.DataFrame, column: str) -> np.ndarray:
    """Return the mean error of a column of forecasts on each day, in order."""
    if cv.empty:
        return np.array([])
    return (cv["y"] - cv[column]).abs().groupby(cv["ds"]).mean().sort_index().to_numpy(float)


def _compared(
    context: Context, lesson: Lesson, challenger: ForecastModel | None, beside: ForecastModel | None
) -> Verdict | None:
    """Judge the challenger by the days that came since it was stored; None while it is too early."""
    if challenger is None:
        return None
    come = (lesson.panel.cutoff - challenger.cutoff).days
    if beside is None or beside.cutoff != challenger.cutoff:
        return Verdict(False, "the champion that the challenger was compared with is gone")
    if come < min(LEAST_DAYS, challenger.horizon):
        return None
    truth = lesson.panel.frame.set_index(KEY)["y"]
    losses = [_losses(context, model, truth) for model in (beside, challenger)]
    verdict = takes_over(*losses)
    if verdict is None and come >= challenger.horizon:
        return Verdict(False, f"nothing shows after {come} days that the challenger errs less")
    return verdict


def _losses(context: Context, model: ForecastModel, truth: pd.Series) -> np.ndarray:
    said = context.artifacts.load_forecaster(model.path).predict().set_index(KEY)["yhat"].unstack("ds")
    come = truth.reindex(said.stack().index).unstack("ds")
    return daily_loss(come.to_numpy(float), said.to_numpy(float))
