"""One forecasting model for a part of a workspace's products, with its backtest."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from nlp.aggregate import FEATURE_VERSION
from storage.accounts import get_workspace
from storage.backtests import DEFAULT_HORIZON, add_model, drop_old_models, latest_model
from storage.errors import NoData
from storage.locks import single_flight
from storage.models import ForecastModel
from workers.context import Context
from workers.daily import rebuild_behind
from workers.lags import lag_panel, lags_of
from workers.leases import NotNow
from workers.panel import TrainingPanel, training_panel
from workers.parts import parts_of
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


def ensure_model(context: Context, question: Question, *, anew: bool = False) -> ForecastModel:
    """Return a model of today's data, training one when there is none.

    Parameters
    ----------
    anew
        Train even when today's data has a model.

    Raises
    ------
    NoData
        The workspace has no sales.
    NotNow
        Another worker trains it right now.
    """
    found = None if anew else current_model(context, question)
    if found is not None:
        return found
    key = f"train {question.workspace_id} {question.horizon} {question.models} {question.part}"
    with single_flight(context.sessions, key) as ours:
        if not ours:
            raise NotNow(f"another worker trains the models of workspace {question.workspace_id}")
        return (None if anew else current_model(context, question)) or train(context, question)


def current_model(context: Context, question: Question) -> ForecastModel | None:
    """Return the model that was trained on today's data, or None."""
    with context.sessions() as session:
        version = get_workspace(session, question.workspace_id).data_version
        model = latest_model(
            session,
            question.workspace_id,
            horizon=question.horizon,
            models=question.models,
            part=question.part,
        )
        return model if model is not None and model.data_version == version else None


def train(context: Context, question: Question) -> ForecastModel:
    """Train on a part of the products, keep the artefact on disk and the backtest in the database."""
    with context.sessions.begin() as session:
        rebuild_behind(session, question.workspace_id, context.settings.daily_chunk_products)
    with context.sessions() as session:
        data_version = get_workspace(session, question.workspace_id).data_version
        parts = parts_of(context, session, question.workspace_id)
        if question.part >= len(parts):
            raise NoData(f"workspace {question.workspace_id} has no sales in part {question.part}")
        panel = training_panel(session, question.workspace_id, question.horizon, parts[question.part])
        said = lag_panel(session, question.workspace_id, panel)
    started = time.monotonic()
    forecaster = context.artifacts.new_forecaster(
        h=question.horizon,
        level=LEVEL,
        n_windows=WINDOWS,
        models=question.models if question.models == "auto" else [question.models],
        sentiment=panel.sentiment,
        seed=0,
    ).fit(panel.frame, panel.spec)
    path = f"{question.workspace_id}/h{question.horizon}-{data_version}-{question.part}-{uuid4().hex[:8]}"
    context.artifacts.save_forecaster(forecaster, path)
    values = {
        "version": path.partition("/")[2],
        "models": question.models,
        "part": question.part,
        "horizon": question.horizon,
        "cutoff": panel.cutoff,
        "data_version": data_version,
        "feature_version": FEATURE_VERSION,
        "path": path,
        "metrics": plain(forecaster.scores_),
        "params": params_of(panel, forecaster),
        "seconds": time.monotonic() - started,
    }
    backtests = backtests_of(forecaster, lags_of(said, panel.spec.future))
    return _keep(context, question.workspace_id, values, backtests, len(parts))


def params_of(panel: TrainingPanel, forecaster: Any) -> dict[str, Any]:
    """Return what the model was trained with, for the report's method section."""
    return {
        "windows": WINDOWS,
        "level": list(LEVEL),
        "notes": list(forecaster.notes_),
        "future": list(panel.spec.future),
        "past": list(panel.spec.past),
        "static": list(panel.spec.static),
        "sentiment": list(panel.sentiment),
        "assumptions": panel.assumptions,
    }


def _keep(
    context: Context,
    workspace_id: int,
    values: dict[str, Any],
    backtests: Iterable[dict[str, Any]],
    parts: int,
) -> ForecastModel:
    with context.sessions.begin() as session:
        model = add_model(session, workspace_id, values, backtests)
        outdated = drop_old_models(session, model, parts)
    for path in outdated:
        context.artifacts.forget(path)
    return model
