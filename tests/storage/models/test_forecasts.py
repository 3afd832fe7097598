from datetime import date

import pytest
from sqlalchemy.orm import Session

from storage.models import (
    Backtest,
    ForecastModel,
    ForecastPoint,
    ForecastRun,
    Job,
    MarkedDay,
    Product,
    Workspace,
)
from storage.models.forecasts import RUN_STATES
from tests.storage.factories import make_products
from tests.storage.models.rows import count, put, refusal, remove

DAY = date(2024, 6, 18)


@pytest.fixture
def product_id(session: Session, workspace_id: int) -> int:
    [made] = make_products(session, workspace_id, "p1")
    return made


def make_model(session: Session, workspace_id: int) -> ForecastModel:
    values = {"version": "v1", "horizon": 28, "cutoff": DAY, "data_version": 1, "path": "a", "seconds": 1.5}
    return put(session, ForecastModel, workspace_id=workspace_id, **values)


@pytest.fixture
def question(workspace_id: int, product_id: int) -> dict[str, object]:
    return {
        "workspace_id": workspace_id,
        "product_id": product_id,
        "models": "auto",
        "horizon": 28,
        "level": [80, 95],
        "cutoff": DAY,
        "feature_version": "1",
    }


def test_a_new_run_waits_and_has_no_answer(session: Session, question: dict[str, object]) -> None:
    run = put(session, ForecastRun, **question)
    assert run.state == "queued"
    assert run.level == [80, 95]
    assert (run.drivers, run.evidence, run.points) == ([], [], [])
    assert (run.scenario, run.coverage, run.assumptions, run.versions) == ({},) * 4
    assert (run.scenario_hash, run.model, run.error, run.leased_by) == ("",) * 4
    assert (run.attempts, run.lift, run.lease_until, run.finished_at) == (0, None, None, None)


def test_the_same_question_is_one_row_whatever_state_and_level(
    session: Session, question: dict[str, object]
) -> None:
    put(session, ForecastRun, **question)
    for change in ({}, {"state": "failed"}, {"level": [50]}, {"scenario": {"promo": 1}}):
        assert refusal(session, ForecastRun, **{**question, **change}) == "uq_forecast_runs_question"


@pytest.mark.parametrize(
    "change",
    [
        {"models": "naive"},
        {"horizon": 7},
        {"cutoff": date(2024, 6, 19)},
        {"feature_version": "2"},
        {"scenario_hash": "abc"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_each_part_of_a_question_makes_it_another(
    session: Session, question: dict[str, object], change: dict[str, object]
) -> None:
    put(session, ForecastRun, **question)
    assert refusal(session, ForecastRun, **{**question, **change}) is None


@pytest.mark.parametrize("state", RUN_STATES)
def test_every_state_of_a_run_can_be_kept(session: Session, question: dict[str, object], state: str) -> None:
    assert refusal(session, ForecastRun, **question, state=state) is None


@pytest.mark.parametrize("state", ["cancelled", "done", ""])
def test_a_run_has_no_state_of_a_job_or_chunk(
    session: Session, question: dict[str, object], state: str
) -> None:
    assert refusal(session, ForecastRun, **question, state=state) == "ck_forecast_runs_state"


def test_points_come_by_day_and_each_day_once(session: Session, question: dict[str, object]) -> None:
    run = put(session, ForecastRun, **question)
    days = [date(2024, 6, 21), date(2024, 6, 19), date(2024, 6, 20)]
    for day in days:
        assert put(session, ForecastPoint, run_id=run.id, ds=day, yhat=2.5).bands == {}
    session.expire_all()
    assert [point.ds for point in run.points] == sorted(days)
    assert refusal(session, ForecastPoint, run_id=run.id, ds=days[0], yhat=1.0) == "pk_forecast_points"
    assert refusal(session, ForecastPoint, run_id=run.id, ds=DAY, yhat=None) == "yhat"


def test_a_new_answer_replaces_the_points_of_the_old(session: Session, question: dict[str, object]) -> None:
    run = put(session, ForecastRun, **question)
    run.points = [ForecastPoint(ds=DAY, yhat=1.0, bands={"lo-80": 0.5, "hi-80": 2.0})]
    session.flush()
    run.points = [ForecastPoint(ds=date(2024, 6, 19), yhat=2.0)]
    session.flush()
    assert count(session, ForecastPoint, run_id=run.id) == 1
    assert count(session, ForecastPoint, run_id=run.id, yhat=2.0) == 1


def test_the_database_removes_the_points_of_a_run_too(session: Session, question: dict[str, object]) -> None:
    run = put(session, ForecastRun, **question)
    kept = put(session, ForecastRun, **{**question, "horizon": 7})
    for owner in (run, kept):
        put(session, ForecastPoint, run_id=owner.id, ds=DAY, yhat=1.0)
    run_id = run.id
    remove(session, run)
    assert count(session, ForecastPoint, run_id=run_id) == 0
    assert count(session, ForecastPoint, run_id=kept.id) == 1


def test_a_run_outlives_its_model_and_its_job(
    session: Session, workspace_id: int, question: dict[str, object]
) -> None:
    model = make_model(session, workspace_id)
    job = put(session, Job, workspace_id=workspace_id, kind="refresh", stage="score")
    run = put(session, ForecastRun, **question, model_id=model.id, job_id=job.id, model="ets")
    remove(session, model)
    assert (run.model_id, run.job_id) == (None, job.id)
    remove(session, job)
    assert (run.job_id, run.model) == (None, "ets")


def test_a_new_model_is_automatic_and_holds_no_figures(session: Session, workspace_id: int) -> None:
    model = make_model(session, workspace_id)
    assert (model.models, model.feature_version) == ("auto", "")
    assert (model.metrics, model.params) == ({}, {})


def test_a_model_tried_a_product_once_and_takes_its_trials_with_it(
    session: Session, workspace_id: int, product_id: int
) -> None:
    tried, kept = make_model(session, workspace_id), make_model(session, workspace_id)
    values = {"workspace_id": workspace_id, "product_id": product_id, "champion": "ets"}
    trial = put(session, Backtest, model_id=tried.id, **values)
    assert (trial.metrics, trial.coverage, trial.cv, trial.lift) == ({}, {}, [], None)
    assert trial.model is tried
    assert refusal(session, Backtest, model_id=tried.id, **values) == "pk_backtests"
    assert refusal(session, Backtest, model_id=kept.id, **values) is None
    assert refusal(session, Backtest, model_id=-1, **values) == "fk_backtests_model_id"
    remove(session, tried)
    assert count(session, Backtest, product_id=product_id) == 1


def test_a_product_takes_its_runs_and_trials_but_not_the_model(
    session: Session, workspace_id: int, product_id: int, question: dict[str, object]
) -> None:
    model = make_model(session, workspace_id)
    run = put(session, ForecastRun, **question, model_id=model.id)
    run_id = put(session, ForecastPoint, run_id=run.id, ds=DAY, yhat=1.0).run_id
    values = {"workspace_id": workspace_id, "product_id": product_id, "champion": "ets"}
    put(session, Backtest, model_id=model.id, **values)
    remove(session, session.get_one(Product, product_id))
    assert count(session, ForecastRun, workspace_id=workspace_id) == 0
    assert count(session, ForecastPoint, run_id=run_id) == 0
    assert count(session, Backtest, workspace_id=workspace_id) == 0
    assert count(session, ForecastModel, workspace_id=workspace_id) == 1


def test_a_workspace_takes_models_and_runs_with_it(
    session: Session, workspace_id: int, other_id: int, question: dict[str, object]
) -> None:
    put(session, ForecastRun, **question, model_id=make_model(session, workspace_id).id)
    make_model(session, other_id)
    remove(session, session.get_one(Workspace, workspace_id))
    assert count(session, ForecastRun, workspace_id=workspace_id) == 0
    assert count(session, ForecastModel, workspace_id=workspace_id) == 0
    assert count(session, ForecastModel, workspace_id=other_id) == 1


def test_a_day_may_be_marked_by_two_names_but_not_twice_by_one(session: Session) -> None:
    day = date(1999, 6, 18)
    put(session, MarkedDay, day=day, name_zh="618", name_en="618", kind="sale")
    again = {"day": day, "name_en": "x", "kind": "holiday"}
    assert refusal(session, MarkedDay, **again, name_zh="618") == "pk_marked_days"
    assert refusal(session, MarkedDay, **again, name_zh="端午节") is None
