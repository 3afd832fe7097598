"""Forecast runs: asked for once, leased like chunks, saved with their points and reasons."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session, selectinload

from storage.backtests import DEFAULT_HORIZON, get_backtest, latest_model
from storage.errors import LeaseLost, NoData
from storage.models import ForecastModel, ForecastPoint, ForecastRun, Sale, Workspace
from storage.paging import Page, checked_limit, decode_cursor, page_of
from storage.products import get_product
from storage.sales import last_day
from storage.tenancy import own

DEFAULT_LEVEL = (80, 95)
LONGEST_ERROR = 2000

__all__ = [
    "DEFAULT_HORIZON",
    "Outcome",
    "answered_products",
    "claim_run",
    "data_stamp",
    "fail_run",
    "get_backtest",
    "get_or_create_run",
    "get_run",
    "is_stale",
    "latest_model",
    "latest_run",
    "list_runs",
    "owned_run",
    "put_back_run",
    "realised",
    "renew_run",
    "save_outcome",
    "waiting_runs",
    "whatifs",
]


@dataclass(frozen=True)
class Outcome:
    """What a forecast found; `points` are of ds, yhat and bands, a row per day to come."""

    model: str
    points: Sequence[Mapping[str, Any]]
    model_id: int | None = None
    drivers: Sequence[Mapping[str, Any]] = ()
    evidence: Sequence[int] = ()
    lift: Mapping[str, Any] | None = None
    coverage: Mapping[str, Any] = field(default_factory=dict)
    direction: Mapping[str, Any] | None = None
    assumptions: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    remarks: Sequence[Mapping[str, Any]] = ()
    versions: Mapping[str, Any] = field(default_factory=dict)


def get_or_create_run(
    session: Session,
    workspace_id: int,
    product_id: int,
    *,
    horizon: int = DEFAULT_HORIZON,
    level: Sequence[int] = DEFAULT_LEVEL,
    models: str = "auto",
    scenario: Mapping[str, Any] | None = None,
    job_id: UUID | None = None,
) -> tuple[ForecastRun, bool]:
    """Return the run that answers this question on today's data, making it when it is new.

    A run that failed is taken up again, and counts as new.

    Raises
    ------
    NotFound
        No such product in this workspace.
    NoData
        The workspace has no sales yet, or the product has neither sales nor a title or description.
    """
    product = get_product(session, workspace_id, product_id)
    cutoff = last_day(session, workspace_id)
    if cutoff is None:
        raise NoData(f"workspace {workspace_id} has no sales yet, so there is nothing to forecast from")
    told = product.title or product.description
    if not told and last_day(session, workspace_id, product_id) is None:
        raise NoData(
            f"product {product.external_id} has no sales yet, and no title or description by which it could "
            "be compared with others"
        )
    plain = {name: value for name, value in (scenario or {}).items() if value is not None}
    question = {
        "product_id": product_id,
        "models": models,
        "horizon": horizon,
        "cutoff": cutoff,
        "feature_version": data_stamp(session, workspace_id),
        "scenario_hash": _hash(plain),
    }
    values = {"workspace_id": workspace_id, "level": list(level), "scenario": plain, "job_id": job_id}
    created = session.execute(
        insert(ForecastRun)
        .values(**question, **values)
        .on_conflict_do_nothing(constraint="uq_forecast_runs_question")
        .returning(ForecastRun.id)
    ).scalar()
    run = session.scalars(
        select(ForecastRun).filter_by(**question).execution_options(populate_existing=True)
    ).one()
    if run.state == "failed":
        run.state, run.error, run.attempts, run.finished_at, run.remarks = "queued", "", 0, None, []
        session.flush()
        return run, True
    return run, created is not None


def data_stamp(session: Session, workspace_id: int) -> str:
    """Name the state of the workspace's data; it differs after every job that changed data."""
    query = select(Workspace.data_version).where(Workspace.id == workspace_id)
    return _stamp(session.scalar(query))


def get_run(session: Session, workspace_id: int, run_id: UUID) -> ForecastRun:
    """Return the run, or raise `NotFound`."""
    return own(session, workspace_id, ForecastRun, run_id, "forecast")


def list_runs(
    session: Session,
    workspace_id: int,
    product_id: int | None = None,
    *,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[ForecastRun]:
    """List runs, newest first."""
    query = select(ForecastRun).where(ForecastRun.workspace_id == workspace_id)
    if product_id is not None:
        query = query.where(ForecastRun.product_id == product_id)
    if cursor:
        created_at, id = decode_cursor(cursor, datetime.fromisoformat, UUID)
        query = query.where(tuple_(ForecastRun.created_at, ForecastRun.id) < (created_at, id))
    query = query.order_by(ForecastRun.created_at.desc(), ForecastRun.id.desc())
    rows = session.scalars(query.limit(checked_limit(limit) + 1)).all()
    return page_of(rows, limit, lambda run: (run.created_at, run.id))


def latest_run(
    session: Session, workspace_id: int, product_id: int, horizon: int = DEFAULT_HORIZON
) -> ForecastRun | None:
    """Return the newest finished plain forecast (automatic model, no scenario), or None."""
    return session.scalar(
        select(ForecastRun)
        .where(
            ForecastRun.workspace_id == workspace_id,
            ForecastRun.product_id == product_id,
            ForecastRun.horizon == horizon,
            ForecastRun.models == "auto",
            ForecastRun.scenario_hash == "",
            ForecastRun.state == "succeeded",
        )
        .order_by(ForecastRun.finished_at.desc(), ForecastRun.id.desc())
        .limit(1)
    )


def whatifs(session: Session, workspace_id: int, product_id: int, limit: int = 3) -> list[ForecastRun]:
    """Return the newest runs with a scenario that have ended, well or not, with their points loaded."""
    query = (
        select(ForecastRun)
        .where(
            ForecastRun.workspace_id == workspace_id,
            ForecastRun.product_id == product_id,
            ForecastRun.scenario_hash != "",
            ForecastRun.state.in_(("succeeded", "failed")),
        )
        .order_by(ForecastRun.created_at.desc(), ForecastRun.id.desc())
        .options(selectinload(ForecastRun.points))
    )
    return list(session.scalars(query.limit(limit)))


def answered_products(session: Session, workspace_id: int, horizon: int) -> set[int]:
    """Return the products whose plain forecast of today's data is there."""
    query = select(ForecastRun.product_id).where(
        ForecastRun.workspace_id == workspace_id,
        ForecastRun.horizon == horizon,
        ForecastRun.models == "auto",
        ForecastRun.scenario_hash == "",
        ForecastRun.feature_version == data_stamp(session, workspace_id),
        ForecastRun.state == "succeeded",
    )
    return set(session.scalars(query))


def realised(
    session: Session, model: ForecastModel, product_ids: Collection[int], after: date
) -> list[tuple[date, float, float]]:
    """Return day, sales and what was forecast of them last, of products, for days after one.

    Only forecasts without a scenario, of the model's horizon and kind, and days that were not out of stock.
    """
    newest = ForecastRun.cutoff.desc(), ForecastRun.finished_at.desc()
    query = (
        select(ForecastPoint.ds, Sale.units, ForecastPoint.yhat)
        .join(ForecastRun, ForecastRun.id == ForecastPoint.run_id)
        .join(Sale, and_(Sale.product_id == ForecastRun.product_id, Sale.day == ForecastPoint.ds))
        .where(
            ForecastRun.workspace_id == model.workspace_id,
            ForecastRun.product_id.in_(product_ids),
            ForecastRun.models == model.models,
            ForecastRun.horizon == model.horizon,
            ForecastRun.scenario_hash == "",
            ForecastRun.state == "succeeded",
            ForecastRun.cutoff < ForecastPoint.ds,
            Sale.units.is_not(None),
            func.coalesce(Sale.stockout, 0) == 0,
            ForecastPoint.ds > after,
        )
        .ext(distinct_on(ForecastRun.product_id, ForecastPoint.ds))
        .order_by(ForecastRun.product_id, ForecastPoint.ds, *newest)
    )
    return [(day, units or 0.0, yhat) for day, units, yhat in session.execute(query)]


def is_stale(session: Session, run: ForecastRun) -> bool:
    """Tell whether data came in that the run has not seen, by the workspace as the session knows it."""
    return run.feature_version != _stamp(session.get_one(Workspace, run.workspace_id).data_version)


def claim_run(session: Session, run_id: UUID, owner: str, seconds: int) -> ForecastRun | None:
    """Take a run that waits or whose worker fell silent; None when there is nothing to take."""
    query = (
        select(ForecastRun)
        .where(ForecastRun.id == run_id, _is_claimable())
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    run = session.scalar(query)
    if run is None:
        return None
    now = session.scalars(select(func.clock_timestamp())).one()
    run.state, run.leased_by, run.lease_until = "running", owner, now + timedelta(seconds=seconds)
    run.started_at = run.started_at or now
    run.attempts += 1
    session.flush()
    return run


def renew_run(session: Session, run_id: UUID, owner: str, seconds: int) -> None:
    """Show a sign of life for a run; raises `LeaseLost` when it is somebody else's by now."""
    kept = session.execute(
        update(ForecastRun)
        .where(ForecastRun.id == run_id, ForecastRun.leased_by == owner, ForecastRun.state == "running")
        .values(lease_until=func.clock_timestamp() + timedelta(seconds=seconds))
        .returning(ForecastRun.id)
    ).scalar()
    if kept is None:
        raise LeaseLost(f"forecast {run_id} no longer belongs to {owner}")


def owned_run(session: Session, run_id: UUID, owner: str) -> ForecastRun:
    """Return a run this owner still holds, locked; raises `LeaseLost` otherwise."""
    query = select(ForecastRun).where(
        ForecastRun.id == run_id, ForecastRun.leased_by == owner, ForecastRun.state == "running"
    )
    run = session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if run is None:
        raise LeaseLost(f"forecast {run_id} no longer belongs to {owner}")
    return run


def save_outcome(session: Session, run: ForecastRun, outcome: Outcome) -> None:
    """Write a finished forecast; the caller owns the run or made it in this transaction."""
    run.points = [ForecastPoint(run_id=run.id, **point) for point in outcome.points]
    run.model, run.model_id = outcome.model, outcome.model_id
    run.drivers = [dict(driver) for driver in outcome.drivers]
    run.evidence = list(outcome.evidence)
    run.lift = dict(outcome.lift) if outcome.lift else None
    run.direction = dict(outcome.direction) if outcome.direction else None
    run.coverage, run.assumptions = dict(outcome.coverage), dict(outcome.assumptions)
    run.versions, run.warnings = dict(outcome.versions), list(outcome.warnings)
    run.remarks = [dict(remark) for remark in outcome.remarks]
    _end(session, run, "succeeded", "")


def fail_run(
    session: Session, run: ForecastRun, error: str, remarks: Sequence[Mapping[str, Any]] = ()
) -> None:
    """Give a run up, with the reason a user can read, and its code where it has one."""
    run.remarks = [dict(remark) for remark in remarks]
    _end(session, run, "failed", error[:LONGEST_ERROR])


def put_back_run(session: Session, run: ForecastRun, error: str) -> None:
    """Return a run for another try; with an error the attempt counts, without one it does not."""
    run.state, run.error, run.leased_by, run.lease_until = "queued", error[:LONGEST_ERROR], "", None
    if not error:
        run.attempts -= 1
    session.flush()


def hand_back_runs(session: Session, owner: str) -> list[ForecastRun]:
    """Return the runs of a process that was ended in the middle of them; the attempt does not count.

    Parameters
    ----------
    owner
        How the names of its claims begin.
    """
    held = ForecastRun.leased_by.startswith(owner, autoescape=True)
    found = list(session.scalars(select(ForecastRun).where(held, ForecastRun.state == "running")))
    for run in found:
        put_back_run(session, run, "")
    return found


def waiting_runs(session: Session, limit: int = 200) -> list[ForecastRun]:
    """Return runs of all workspaces that nobody works on, oldest first, for the sweep."""
    query = select(ForecastRun).where(_is_claimable()).order_by(ForecastRun.created_at, ForecastRun.id)
    return list(session.scalars(query.limit(limit)))


def _end(session: Session, run: ForecastRun, state: str, error: str) -> None:
    run.state, run.error, run.leased_by, run.lease_until = state, error, "", None
    run.finished_at = session.scalar(select(func.clock_timestamp()))
    session.flush()


def _is_claimable() -> ColumnElement[bool]:
    silent = and_(ForecastRun.state == "running", ForecastRun.lease_until < func.clock_timestamp())
    return or_(ForecastRun.state == "queued", silent)


def _stamp(data_version: int | None) -> str:
    return f"data-{data_version}"


def _hash(scenario: Mapping[str, Any]) -> str:
    """Name a scenario; the plain forecast is the empty name."""
    if not scenario:
        return ""
    words = json.dumps(scenario, sort_keys=True, default=str)
    return hashlib.sha256(words.encode()).hexdigest()[:32]
