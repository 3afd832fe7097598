"""What a model is learned from, and how it is kept: the artefact on disk, the backtest in the database."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from uuid import uuid4

import pandas as pd

from forecasting.counted import Told
from forecasting.service_state import FORMAT
from nlp.aggregate import FEATURE_VERSION
from storage.backtests import DEFAULT_HORIZON, add_model, challenger_of, drop_old_models
from storage.models import ForecastModel
from workers.context import Context
from workers.diagnosis import kept_by_step
from workers.lags import lags_of
from workers.panel import TrainingPanel
from workers.verdicts import backtests_of, plain

LEVEL = (80, 95)
WINDOWS = 3


@dataclass(frozen=True)
class Question:
    """Which model is asked for, see `workers.parts` for the part."""

    workspace_id: int
    horizon: int = DEFAULT_HORIZON
    models: str = "auto"
    part: int = 0


@dataclass(frozen=True)
class Lesson:
    """The data of a state of the workspace that a question is answered from.

    Attributes
    ----------
    said
        What reviews said on each day, see `workers.lags.lag_panel`.
    parts
        How many parts the workspace's products are in.
    """

    question: Question
    panel: TrainingPanel
    said: pd.DataFrame
    data_version: int
    parts: int

    @cached_property
    def lags(self) -> dict[str, list[dict[str, Any]]]:
        """By how many days reviews lead sales; measured once, though two models may be learned."""
        return lags_of(self.said, self.panel.spec.future)


@dataclass(frozen=True)
class Learned:
    """A forecasting service, when its models were chosen, why it speaks, and how long that took."""

    forecaster: Any
    chosen: date
    reason: str
    seconds: float


def choose_anew(context: Context, lesson: Lesson, reason: str = "", told: Told | None = None) -> Learned:
    """Backtest all models and choose among them."""
    started, question = time.monotonic(), lesson.question
    forecaster = context.artifacts.new_forecaster(
        h=question.horizon,
        level=LEVEL,
        n_windows=WINDOWS,
        models=question.models if question.models == "auto" else [question.models],
        sentiment=lesson.panel.sentiment,
        seed=0,
    ).fit(lesson.panel.frame, lesson.panel.spec, told)
    return Learned(forecaster, lesson.panel.cutoff, reason, time.monotonic() - started)


def keep(
    context: Context,
    lesson: Lesson,
    learned: Learned,
    *,
    beside: int | None = None,
    dismiss: bool = False,
) -> ForecastModel:
    """Store a model, and forget those that are needed no more.

    Parameters
    ----------
    beside
        The champion that it is watched beside; without one it is the champion.
    dismiss
        Whether the challenger goes.
    """
    question = lesson.question
    name = f"h{question.horizon}-{lesson.data_version}-{question.part}-{uuid4().hex[:8]}"
    path = f"{question.workspace_id}/{name}"
    context.artifacts.save_forecaster(learned.forecaster, path)
    values = {
        "version": name,
        "models": question.models,
        "part": question.part,
        "role": "champion" if beside is None else "challenger",
        "horizon": question.horizon,
        "cutoff": lesson.panel.cutoff,
        "data_version": lesson.data_version,
        "feature_version": FEATURE_VERSION,
        "path": path,
        "metrics": plain(learned.forecaster.scores_),
        "params": params_of(lesson.panel, learned) | ({} if beside is None else {"beside": beside}),
        "seconds": learned.seconds,
    }
    backtests = backtests_of(learned.forecaster, lesson.lags)
    outdated = []
    with context.sessions.begin() as session:
        model = add_model(session, question.workspace_id, values, backtests)
        challenger = challenger_of(session, model) if dismiss else None
        if challenger is not None:
            outdated.append(challenger.path)
            session.delete(challenger)
            session.flush()
        outdated += drop_old_models(session, model, lesson.parts)
    for folder in outdated:
        context.artifacts.forget(folder)
    return model


def params_of(panel: TrainingPanel, learned: Learned) -> dict[str, Any]:
    """Return what the model was trained with, for the report's method section."""
    return {
        "format": FORMAT,
        "windows": WINDOWS,
        "level": list(LEVEL),
        "notes": list(learned.forecaster.notes_),
        "future": list(panel.spec.future),
        "past": list(panel.spec.past),
        "static": list(panel.spec.static),
        "sentiment": list(panel.sentiment),
        "assumptions": panel.assumptions,
        "chosen": learned.chosen.isoformat(),
        "succession": learned.reason,
        "bands": kept_by_step(learned.forecaster.cv_),
    }
