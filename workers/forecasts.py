"""Forecasts of one product on demand, and of all products after training."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from forecasting import PanelError
from forecasting.remarks import Remark, remark_of
from forecasting.scenario import Scenario
from storage import chunks, forecasts
from storage.backtests import DEFAULT_HORIZON, get_backtest
from storage.errors import LeaseLost, NoData
from storage.forecasts import Outcome
from storage.models import ForecastModel, ForecastRun
from storage.outages import outage_of
from storage.reviews import evidence_ids
from workers.context import Context
from workers.leases import Assignment, HopelessError, NotNow, finish, kept_alive, new_owner, reason_of
from workers.parts import part_of
from workers.reasons import Weights, drivers_with_reviews, evidence_of, hear, recent
from workers.scenarios import assumptions_of, scenario_of
from workers.training import Question, ensure_model
from workers.unsold import is_unsold, point, unsold_outcome
from workers.verdicts import directions_of, plain

log = logging.getLogger(__name__)

EVIDENCE = 8
BATCH = 50
UNEXPLAINED = (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError)
"""What models raise over the figures of one product; an outage or a time limit is nobody's figures."""


def run_forecast(context: Context, run_id: UUID) -> bool:
    """Claim a run and compute it; return whether there was anything to do.

    Whatever goes wrong is written down: the run waits for another try, or fails with the reason.
    """
    owner, seconds = new_owner(), context.settings.lease_seconds
    with context.sessions.begin() as session:
        run = forecasts.claim_run(session, run_id, owner, seconds)
    if run is None:
        return False
    context = context.within(run.workspace_id)
    if run.attempts > context.settings.max_attempts:
        _end(
            context,
            run_id,
            owner,
            f"given up after {run.attempts - 1} attempts: {run.error or 'worker died'}",
        )
        return True
    try:
        with kept_alive(context, seconds, lambda s: forecasts.renew_run(s, run_id, owner, seconds)):
            compute(context, run, owner)
    except LeaseLost as error:
        log.info("%s", error)
    except (HopelessError, NoData, PanelError) as error:
        _end(context, run_id, owner, str(error), remarks=remark_of(error))
    except NotNow as error:
        log.info("%s", error)
        _end(context, run_id, owner, again=True)
    except Exception as error:  # whatever it was, the run must not stay claimed
        if outage_of(error):
            log.warning("forecast %s waits for the end of an outage: %s", run_id, error)
            _end(context, run_id, owner, again=True)
        else:
            log.exception("forecast %s failed", run_id)
            again = run.attempts < context.settings.max_attempts
            _end(context, run_id, owner, reason_of(error), again=again)
    return True


def compute(context: Context, run: ForecastRun, owner: str) -> None:
    """Predict a run's product with the model of today's data, and save points and reasons."""
    with context.sessions() as session:
        unsold = is_unsold(session, run)
        part = 0 if unsold else part_of(context, session, run.workspace_id, run.product_id)
    if unsold:
        _compute_unsold(context, run, owner)
        return
    model = ensure_model(context, Question(run.workspace_id, run.horizon, run.models, part))
    forecaster = context.artifacts.forecaster(model.path)
    unique_ids, warnings = [str(run.product_id)], list[Remark]()
    scenario: Scenario | None = None
    weights: Weights = {}
    if run.scenario:
        scenario, weights = _scenario(context, run, model)
        frame, warnings = forecaster.what_if(scenario, unique_ids=unique_ids)
    else:
        frame = forecaster.predict(unique_ids=unique_ids)
    drivers = drivers_with_reviews(context, model, forecaster, run.product_id, scenario, weights)
    direction = directions_of(forecaster, unique_ids, scenario)[unique_ids[0]]
    with context.sessions.begin() as session:
        owned = forecasts.owned_run(session, run.id, owner)
        owned.cutoff = model.cutoff
        found = replace(outcome(session, model, owned, frame, drivers), direction=direction)
        assumed = {**found.assumptions, **assumptions_of(run.scenario)}
        remarks = [warning.to_json() for warning in warnings]
        found = replace(found, assumptions=assumed, warnings=warnings, remarks=remarks)
        forecasts.save_outcome(session, owned, found)


def _compute_unsold(context: Context, run: ForecastRun, owner: str) -> None:
    found, cutoff = unsold_outcome(context, run)
    with context.sessions.begin() as session:
        owned = forecasts.owned_run(session, run.id, owner)
        owned.cutoff = cutoff
        forecasts.save_outcome(session, owned, found)


def _scenario(context: Context, run: ForecastRun, model: ForecastModel) -> tuple[Scenario, Weights]:
    """Return a run's scenario, and what reviews count in it."""
    heard = None
    if run.scenario.get("sentiment"):
        with context.sessions() as session:
            heard = hear(session, run.workspace_id, run.product_id, model.cutoff)
    return scenario_of(run.scenario, tuple(model.params["future"]), heard)


def forecast_all(assignment: Assignment) -> None:
    """Make the plain forecast of every product of a part with its model; the end of a refresh.

    Raises
    ------
    HopelessError
        Some products could not be forecast; those of the others are saved.
    """
    context = assignment.context
    question = Question(assignment.workspace_id, part=assignment.chunk.payload["part"])
    model = ensure_model(context, question)
    forecaster = context.artifacts.forecaster(model.path)
    frames = dict(tuple(forecaster.predict().groupby("unique_id")))
    directions = directions_of(forecaster)
    ids = _unanswered(assignment, list(frames))
    broken: dict[str, str] = {}
    for start in range(0, len(ids), BATCH):
        drivers = _drivers(context, model, forecaster, ids[start : start + BATCH], broken)
        with context.sessions.begin() as session:
            for unique_id, found in drivers.items():
                _save_plain(session, assignment, model, frames[unique_id], found, directions[unique_id])
            chunks.record(session, assignment.lease, done=len(drivers))
    if broken:
        unique_id, reason = next(iter(broken.items()))
        raise HopelessError(f"{len(broken)} products could not be forecast, first {unique_id}: {reason}")
    with context.sessions.begin() as session:
        wake = finish(session, assignment)
    wake()


def outcome(
    session: Session,
    model: ForecastModel,
    run: ForecastRun,
    frame: pd.DataFrame,
    drivers: list[dict[str, Any]],
) -> Outcome:
    """Put together what is stored of a plain forecast."""
    backtest = get_backtest(session, run.workspace_id, run.product_id, model.id)
    behind = evidence_of(drivers, EVIDENCE)
    telling = evidence_ids(session, run.workspace_id, run.product_id, recent(model.cutoff), model.cutoff)
    rows = frame.sort_values("ds").head(run.horizon).to_dict("records")
    return Outcome(
        model=str(rows[0]["model"]),
        model_id=model.id,
        points=[point(row, run.level) for row in rows],
        drivers=plain(drivers),
        evidence=list(dict.fromkeys([*behind, *telling]))[:EVIDENCE],
        lift=backtest.lift if backtest else None,
        coverage=backtest.coverage if backtest else {},
        assumptions=model.params["assumptions"],
        versions={"model": model.version, "features": model.feature_version, "data": model.data_version},
    )


def _unanswered(assignment: Assignment, ids: list[str]) -> list[str]:
    """Return the products still to be forecast, and count the others as done."""
    with assignment.context.sessions.begin() as session:
        known = set() if assignment.job.kind == "train" else _answered(session, assignment)
        rest = [unique_id for unique_id in ids if int(unique_id) not in known]
        done = len(ids) - len(rest) - assignment.chunk.done
        chunks.record(session, assignment.lease, rows=len(ids), done=done)
    return rest


def _answered(session: Session, assignment: Assignment) -> set[int]:
    return forecasts.answered_products(session, assignment.workspace_id, DEFAULT_HORIZON)


def _drivers(
    context: Context, model: ForecastModel, forecaster: Any, unique_ids: list[str], broken: dict[str, str]
) -> dict[str, list[dict[str, Any]]]:
    """Explain products; one that cannot be explained is noted and costs no other its forecast."""
    drivers = {}
    for unique_id in unique_ids:
        try:
            drivers[unique_id] = drivers_with_reviews(context, model, forecaster, int(unique_id))
        except UNEXPLAINED as error:
            log.exception("product %s cannot be explained", unique_id)
            broken[unique_id] = reason_of(error)
    return drivers


def _save_plain(
    session: Session,
    assignment: Assignment,
    model: ForecastModel,
    frame: pd.DataFrame,
    drivers: list[dict[str, Any]],
    direction: dict[str, Any],
) -> None:
    product_id = int(frame["unique_id"].iloc[0])
    run, _ = forecasts.get_or_create_run(
        session, assignment.workspace_id, product_id, horizon=DEFAULT_HORIZON, job_id=assignment.job.id
    )
    if run.state == "queued" or assignment.job.kind == "train":
        found = outcome(session, model, run, frame, drivers)
        forecasts.save_outcome(session, run, replace(found, direction=direction))


def _end(
    context: Context,
    run_id: UUID,
    owner: str,
    reason: str = "",
    *,
    again: bool = False,
    remarks: Sequence[Remark] = (),
) -> None:
    try:
        with context.sessions.begin() as session:
            run = forecasts.owned_run(session, run_id, owner)
            if again:
                forecasts.put_back_run(session, run, reason)
            else:
                forecasts.fail_run(session, run, reason, [remark.to_json() for remark in remarks])
    except LeaseLost as error:
        log.info("%s", error)
    except SQLAlchemyError as error:
        log.warning("not written down, its lease will run out: %s", error)
