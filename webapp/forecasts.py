"""Asking for forecasts and for training, for pages, API and command line alike."""

from typing import Any

from sqlalchemy.orm import Session

from storage import forecasts
from storage.models import ForecastRun, Job
from storage.wakeups import wakeup_of_run
from webapp import jobs
from webapp.auth.audit import note
from webapp.enqueue import enqueue_wakeups


def request_forecast(
    session: Session, workspace_id: int, product_id: int, **wishes: Any
) -> tuple[ForecastRun, bool]:
    """Return the run of these wishes, new or as it is, and whether it is new; enqueued after the commit.

    Parameters
    ----------
    session, workspace_id, product_id
        Of whom.
    **wishes
        `horizon`, `level`, `models`, `scenario`, as `storage.forecasts.get_or_create_run` takes them.

    Raises
    ------
    storage.errors.NotFound, storage.errors.NoData
        When there is no such product, or nothing that it could be forecast from.
    """
    run, created = forecasts.get_or_create_run(session, workspace_id, product_id, **wishes)
    if created:
        asked = {"horizon": run.horizon, "models": run.models, "scenario": run.scenario}
        note(session, workspace_id, "forecast.start", f"product {product_id}", after=asked)
        enqueue_wakeups(session, [wakeup_of_run(run)])
    return run, created


def request_refresh(session: Session, workspace_id: int, user_id: int | None = None) -> Job:
    """Train on today's data and forecast every product; one such job at a time in a workspace."""
    return jobs.start(session, workspace_id, "refresh", user_id=user_id)
