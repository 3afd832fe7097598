"""One forecasting model for a part of a workspace's products, of today's data."""

from __future__ import annotations

from forecasting.counted import Told
from nlp.aggregate import FEATURE_VERSION
from storage.accounts import get_workspace
from storage.backtests import latest_model
from storage.errors import NoData
from storage.locks import single_flight
from storage.models import ForecastModel
from workers.context import Context
from workers.daily import rebuild_behind
from workers.lags import lag_panel
from workers.leases import NotNow
from workers.lessons import Lesson, Question, choose_anew, keep
from workers.panel import training_panel
from workers.parts import parts_of
from workers.succession import succeed

__all__ = ["Question", "current_model", "ensure_model", "train"]


def ensure_model(
    context: Context, question: Question, *, anew: bool = False, told: Told | None = None
) -> ForecastModel:
    """Return a model of today's data, training one when there is none.

    Parameters
    ----------
    anew
        Train even when today's data has a model.
    told
        Is told how many steps of the training are done, and of how many.

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
        return (None if anew else current_model(context, question)) or train(
            context, question, anew=anew, told=told
        )


def current_model(context: Context, question: Question) -> ForecastModel | None:
    """Return the model that was trained on today's data and can still be read, or None."""
    with context.sessions() as session:
        version = get_workspace(session, question.workspace_id).data_version
        model = latest_model(
            session,
            question.workspace_id,
            horizon=question.horizon,
            models=question.models,
            part=question.part,
        )
        todays = model is not None and model.data_version == version
        return model if todays and context.artifacts.can_load(model) else None


def train(
    context: Context, question: Question, *, anew: bool = False, told: Told | None = None
) -> ForecastModel:
    """Make a model of today's data for a part of the products.

    A champion that knows these products and columns is renewed and goes on speaking; what is chosen anew is
    watched beside it, see `workers.succession`. Without one, or where it is asked for (``anew``), the new
    choice speaks at once.
    """
    lesson = _lesson(context, question)
    with context.sessions() as session:
        champion = latest_model(
            session,
            question.workspace_id,
            horizon=question.horizon,
            models=question.models,
            part=question.part,
        )
    if champion is not None and not anew and _may_serve(context, champion, lesson):
        forecaster = context.artifacts.load_forecaster(champion.path)
        known = set(lesson.panel.frame["unique_id"])
        if not forecaster.cv_.empty and forecaster.serves(known, lesson.panel.spec):
            return succeed(context, lesson, champion, forecaster, told)
    return keep(context, lesson, choose_anew(context, lesson, told=told), dismiss=True)


def _lesson(context: Context, question: Question) -> Lesson:
    with context.sessions.begin() as session:
        rebuild_behind(session, question.workspace_id, context.settings.daily_chunk_products)
    with context.sessions() as session:
        data_version = get_workspace(session, question.workspace_id).data_version
        parts = parts_of(context, session, question.workspace_id)
        if question.part >= len(parts):
            raise NoData(f"workspace {question.workspace_id} has no sales in part {question.part}")
        panel = training_panel(session, question.workspace_id, question.horizon, parts[question.part])
        said = lag_panel(session, question.workspace_id, panel)
    return Lesson(question, panel, said, data_version, len(parts))


def _may_serve(context: Context, champion: ForecastModel, lesson: Lesson) -> bool:
    return (
        context.artifacts.can_load(champion)
        and champion.horizon == lesson.question.horizon
        and champion.feature_version == FEATURE_VERSION
        and champion.cutoff <= lesson.panel.cutoff
    )
