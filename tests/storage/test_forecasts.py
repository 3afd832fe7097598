from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from storage import forecasts, jobs
from storage.errors import LeaseLost, NoData, NotFound
from storage.forecasts import Outcome
from storage.models import ForecastRun, Product
from storage.overview import product_rows
from tests.storage.factories import make_model, make_products, make_sales

DAY = date(2026, 6, 1)
REMARK = {"code": "never_seen", "detail": "promo 3 was never seen", "values": {"column": "promo"}}


@pytest.fixture
def product_id(session: Session, workspace_id: int) -> int:
    [id] = make_products(session, workspace_id, "A1")
    make_sales(session, workspace_id, id, DAY, [1, 2, 3])
    return id


def ask(session: Session, workspace_id: int, product_id: int, **wishes: object) -> ForecastRun:
    return forecasts.get_or_create_run(session, workspace_id, product_id, **wishes)[0]


def found(days: int = 2, yhat: float = 5.0) -> Outcome:
    points = [
        {"ds": DAY + timedelta(days=3 + n), "yhat": yhat, "bands": {"lo-80": yhat - 1, "hi-80": yhat + 1}}
        for n in range(days)
    ]
    return Outcome(
        model="Regression",
        points=points,
        drivers=[{"name": "promo", "effect": 2.5}],
        warnings=["promo 3 was never seen"],
        remarks=[REMARK],
        evidence=[11, 12],
        lift={"verdict": "helps", "p_value": 0.01},
        coverage={"80": 0.79},
        assumptions={"promo": "0"},
        versions={"model": "m1"},
    )


def test_asking_twice_makes_one_run(session: Session, workspace_id: int, product_id: int) -> None:
    run, created = forecasts.get_or_create_run(session, workspace_id, product_id)
    again, created_again = forecasts.get_or_create_run(session, workspace_id, product_id)
    assert (created, created_again, again.id) == (True, False, run.id)
    assert (run.state, run.horizon, run.level, run.cutoff) == (
        "queued",
        14,
        [80, 95],
        DAY + timedelta(days=2),
    )


@pytest.mark.parametrize(
    "wishes", [{"horizon": 7}, {"models": "ARIMA"}, {"scenario": {"promo": 1}}, {"scenario": {"promo": 2}}]
)
def test_another_question_is_another_run(
    session: Session, workspace_id: int, product_id: int, wishes: dict[str, object]
) -> None:
    runs = {
        ask(session, workspace_id, product_id).id,
        ask(session, workspace_id, product_id, scenario={"promo": 3}).id,
    }
    assert ask(session, workspace_id, product_id, **wishes).id not in runs


def test_the_order_of_a_scenarios_words_and_empty_ones_do_not_matter(
    session: Session, workspace_id: int, product_id: int
) -> None:
    first = ask(session, workspace_id, product_id, scenario={"promo": 1, "price": 2.0, "to": None})
    assert ask(session, workspace_id, product_id, scenario={"price": 2.0, "promo": 1}).id == first.id
    assert first.scenario == {"promo": 1, "price": 2.0}
    plain = ask(session, workspace_id, product_id, scenario={"promo": None})
    assert plain.scenario_hash == ""


def test_new_data_makes_runs_stale_and_the_question_new(
    session: Session, workspace_id: int, product_id: int
) -> None:
    run = ask(session, workspace_id, product_id)
    assert not forecasts.is_stale(session, run)
    jobs.touch_data(session, workspace_id)
    assert forecasts.is_stale(session, run)
    assert ask(session, workspace_id, product_id).id != run.id


def test_nothing_is_forecast_from_nothing(
    session: Session, workspace_id: int, other_id: int, product_id: int
) -> None:
    named, nameless = make_products(session, workspace_id, "B2", "C3")
    session.get_one(Product, nameless).title = ""
    with pytest.raises(NoData, match="C3 has no sales yet, and no title"):
        ask(session, workspace_id, nameless)
    assert ask(session, workspace_id, named).state == "queued"
    [elsewhere] = make_products(session, other_id, "B2")
    with pytest.raises(NoData, match=f"workspace {other_id} has no sales"):
        ask(session, other_id, elsewhere)
    with pytest.raises(NotFound):
        ask(session, other_id, product_id)
    with pytest.raises(NotFound):
        forecasts.get_run(session, workspace_id, uuid4())


def test_a_finished_run_keeps_points_and_reasons(
    session: Session, workspace_id: int, product_id: int
) -> None:
    run = ask(session, workspace_id, product_id)
    assert forecasts.claim_run(session, run.id, "me", 60) is run
    forecasts.save_outcome(session, forecasts.owned_run(session, run.id, "me"), found())
    session.expire_all()
    run = forecasts.get_run(session, workspace_id, run.id)
    assert (run.state, run.model, run.leased_by) == ("succeeded", "Regression", "")
    assert [(point.ds.day, point.yhat, point.bands["lo-80"]) for point in run.points] == [
        (4, 5.0, 4.0),
        (5, 5.0, 4.0),
    ]
    assert run.drivers == [{"name": "promo", "effect": 2.5}]
    assert (run.warnings, run.remarks) == (["promo 3 was never seen"], [REMARK])
    assert (run.evidence, run.lift["verdict"], run.coverage) == ([11, 12], "helps", {"80": 0.79})
    assert (run.assumptions, run.versions) == ({"promo": "0"}, {"model": "m1"})
    assert run.finished_at is not None
    assert forecasts.claim_run(session, run.id, "you", 60) is None


def test_only_the_owner_may_save(session: Session, workspace_id: int, product_id: int) -> None:
    run = ask(session, workspace_id, product_id)
    forecasts.claim_run(session, run.id, "me", 60)
    assert forecasts.claim_run(session, run.id, "you", 60) is None
    session.execute(
        update(ForecastRun)
        .where(ForecastRun.id == run.id)
        .values(lease_until=datetime.now(UTC) - timedelta(seconds=1))
    )
    assert run.id in {waiting.id for waiting in forecasts.waiting_runs(session)}
    assert forecasts.claim_run(session, run.id, "you", 60) is not None
    assert run.id not in {waiting.id for waiting in forecasts.waiting_runs(session)}
    assert run.attempts == 2
    for write in (forecasts.owned_run, lambda s, id, owner: forecasts.renew_run(s, id, owner, 60)):
        with pytest.raises(LeaseLost, match="me"):
            write(session, run.id, "me")
        write(session, run.id, "you")


def test_a_failed_run_is_taken_up_again_when_asked_for(
    session: Session, workspace_id: int, product_id: int
) -> None:
    run = ask(session, workspace_id, product_id)
    forecasts.claim_run(session, run.id, "me", 60)
    forecasts.put_back_run(session, run, "busy")
    assert (run.state, run.error, run.attempts) == ("queued", "busy", 1)
    forecasts.claim_run(session, run.id, "me", 60)
    forecasts.put_back_run(session, run, "")
    assert (run.state, run.error, run.attempts) == ("queued", "", 1)
    forecasts.claim_run(session, run.id, "me", 60)
    forecasts.fail_run(session, run, "x" * 5000)
    assert (run.state, len(run.error)) == ("failed", 2000)
    again, created = forecasts.get_or_create_run(session, workspace_id, product_id)
    assert (again.id, created, again.state, again.attempts, again.error) == (run.id, True, "queued", 0, "")


def test_the_latest_plain_run_is_the_one_shown(session: Session, workspace_id: int, product_id: int) -> None:
    assert forecasts.latest_run(session, workspace_id, product_id) is None
    plain = ask(session, workspace_id, product_id)
    ask(session, workspace_id, product_id, horizon=7)
    scenario = ask(session, workspace_id, product_id, scenario={"promo": 1})
    for run in (plain, scenario):
        forecasts.save_outcome(session, run, found())
    assert forecasts.latest_run(session, workspace_id, product_id).id == plain.id
    jobs.touch_data(session, workspace_id)
    newer = ask(session, workspace_id, product_id)
    assert forecasts.latest_run(session, workspace_id, product_id).id == plain.id
    forecasts.save_outcome(session, newer, found(yhat=6.0))
    assert forecasts.latest_run(session, workspace_id, product_id).id == newer.id
    [row] = product_rows(session, workspace_id, start=DAY, end=DAY).items
    assert (row.forecast_units, row.forecast_low, row.forecast_high) == (12.0, 10.0, 14.0)


def test_runs_are_listed_newest_first(
    session: Session, workspace_id: int, other_id: int, product_id: int
) -> None:
    runs = {ask(session, workspace_id, product_id, horizon=n).id for n in range(1, 6)}
    seen, cursor = [], None
    while True:
        page = forecasts.list_runs(session, workspace_id, product_id, cursor=cursor, limit=2)
        seen += [run.id for run in page.items]
        if (cursor := page.next) is None:
            break
    assert set(seen) == runs
    assert len(seen) == 5
    assert forecasts.list_runs(session, other_id).items == []


def test_what_came_true_is_the_newest_forecast_of_each_day(
    session: Session, workspace_id: int, product_id: int
) -> None:
    model = make_model(session, workspace_id, product_id)
    old = ask(session, workspace_id, product_id)
    forecasts.save_outcome(session, old, found(days=4, yhat=5.0))
    make_sales(session, workspace_id, product_id, DAY + timedelta(days=3), [7.0])
    new = ask(session, workspace_id, product_id)
    points = [{**point, "ds": point["ds"] + timedelta(days=1)} for point in found(yhat=6.0).points]
    forecasts.save_outcome(session, new, replace(found(), points=points))
    guess = ask(session, workspace_id, product_id, scenario={"promo": 1})
    forecasts.save_outcome(session, guess, found(days=4, yhat=99.0))
    make_sales(session, workspace_id, product_id, DAY + timedelta(days=4), [8.0])
    make_sales(session, workspace_id, product_id, DAY + timedelta(days=5), [0.0], stockout=1.0)
    came = [(DAY + timedelta(days=3), 7.0, 5.0), (DAY + timedelta(days=4), 8.0, 6.0)]
    assert forecasts.realised(session, model, [product_id], DAY) == came
    assert forecasts.realised(session, model, [product_id], DAY + timedelta(days=3)) == came[1:]
    assert forecasts.realised(session, model, [], DAY) == []
