from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.errors import NoData, NotFound
from storage.forecasts import fail_run
from storage.jobs import touch_data
from storage.models import ForecastRun, Product, User, Workspace
from tests.webapp import factories
from tests.webapp.outbox import Outbox
from webapp.enqueue import RUN_FORECAST, TRAIN_MODELS, attach
from webapp.forecasts import request_forecast, request_refresh


@pytest.fixture
def prepared(session: Session, outbox: Outbox) -> Session:
    return attach(session, outbox)


@pytest.fixture
def sold(session: Session, workspace: Workspace) -> Product:
    made = factories.product(session, workspace)
    factories.sale(session, made, date(2026, 6, 1), 3)
    return made


def test_a_new_run_is_sent_after_the_commit(
    prepared: Session, workspace: Workspace, sold: Product, outbox: Outbox
) -> None:
    run, created = request_forecast(prepared, workspace.id, sold.id)
    assert created
    assert outbox.sent == []
    prepared.commit()
    assert outbox.sent == [(RUN_FORECAST, (str(run.id),), "forecast")]


def test_wishes_reach_the_run(prepared: Session, workspace: Workspace, sold: Product) -> None:
    scenario = {"promo": 1.0, "price": None}
    run, _ = request_forecast(
        prepared, workspace.id, sold.id, horizon=7, level=[95], models="ARIMA", scenario=scenario
    )
    prepared.commit()
    prepared.refresh(run)
    assert (run.horizon, run.level, run.models, run.state) == (7, [95], "ARIMA", "queued")
    assert run.scenario == {"promo": 1.0}
    assert run.cutoff == date(2026, 6, 1)


def test_the_same_question_is_not_sent_twice(
    prepared: Session, workspace: Workspace, sold: Product, outbox: Outbox
) -> None:
    first, _ = request_forecast(prepared, workspace.id, sold.id)
    second, created = request_forecast(prepared, workspace.id, sold.id)
    prepared.commit()
    assert (second.id, created) == (first.id, False)
    assert len(outbox.sent) == 1


@pytest.mark.parametrize("wish", [{"horizon": 7}, {"models": "ARIMA"}, {"scenario": {"promo": 1.0}}])
def test_another_question_is_another_run(
    prepared: Session, workspace: Workspace, sold: Product, outbox: Outbox, wish: dict[str, object]
) -> None:
    first, _ = request_forecast(prepared, workspace.id, sold.id)
    second, created = request_forecast(prepared, workspace.id, sold.id, **wish)
    prepared.commit()
    assert created
    assert second.id != first.id
    assert [args for _task, args, _queue in outbox.sent] == [(str(first.id),), (str(second.id),)]


def test_a_failed_run_is_taken_up_and_sent_again(
    prepared: Session, workspace: Workspace, sold: Product, outbox: Outbox
) -> None:
    run, _ = request_forecast(prepared, workspace.id, sold.id)
    fail_run(prepared, run, "too few days")
    prepared.commit()
    again, created = request_forecast(prepared, workspace.id, sold.id)
    prepared.commit()
    assert (again.id, created) == (run.id, True)
    assert (again.state, again.error, again.finished_at) == ("queued", "", None)
    assert outbox.sent == [(RUN_FORECAST, (str(run.id),), "forecast")] * 2


def test_new_data_asks_anew(prepared: Session, workspace: Workspace, sold: Product, outbox: Outbox) -> None:
    first, _ = request_forecast(prepared, workspace.id, sold.id)
    touch_data(prepared, workspace.id)
    second, created = request_forecast(prepared, workspace.id, sold.id)
    prepared.commit()
    assert created
    assert first.feature_version != second.feature_version
    assert len(outbox.sent) == 2


def test_the_cutoff_is_the_shops_last_day_not_the_products(
    prepared: Session, workspace: Workspace, sold: Product
) -> None:
    factories.sale(prepared, factories.product(prepared, workspace), date(2026, 6, 9), 1)
    run, _ = request_forecast(prepared, workspace.id, sold.id)
    assert run.cutoff == date(2026, 6, 9)


def test_what_never_sold_is_forecast_where_others_did_and_it_has_a_name(
    prepared: Session, workspace: Workspace, sold: Product, outbox: Outbox
) -> None:
    nameless = factories.product(prepared, workspace, external_id="NEW1", title="", description="")
    with pytest.raises(NoData, match="NEW1 has no sales yet, and no title"):
        request_forecast(prepared, workspace.id, nameless.id)
    prepared.commit()
    assert outbox.sent == []
    named = factories.product(prepared, workspace, external_id="NEW2", title="cup")
    _run, created = request_forecast(prepared, workspace.id, named.id)
    prepared.commit()
    assert (created, len(outbox.sent)) == (True, 1)


def test_a_workspace_without_sales_says_so_and_nothing_is_sent(
    prepared: Session, workspace: Workspace, outbox: Outbox
) -> None:
    unsold = factories.product(prepared, workspace, external_id="NEW1")
    with pytest.raises(NoData, match=f"workspace {workspace.id} has no sales yet"):
        request_forecast(prepared, workspace.id, unsold.id)
    prepared.commit()
    assert prepared.scalar(select(func.count()).select_from(ForecastRun)) == 0
    assert outbox.sent == []


def test_a_foreign_product_is_not_found(
    prepared: Session, stranger_workspace: Workspace, sold: Product, outbox: Outbox
) -> None:
    with pytest.raises(NotFound):
        request_forecast(prepared, stranger_workspace.id, sold.id)
    prepared.commit()
    assert outbox.sent == []


def test_a_refresh_knows_who_asked(
    prepared: Session, workspace: Workspace, user: User, outbox: Outbox
) -> None:
    job = request_refresh(prepared, workspace.id, user.id)
    prepared.commit()
    assert (job.kind, job.stage, job.user_id) == ("refresh", "train", user.id)
    assert outbox.sent == [(TRAIN_MODELS, (str(job.id),), "forecast")]


def test_a_refresh_that_has_begun_does_not_answer_for_later_data(
    prepared: Session, workspace: Workspace
) -> None:
    first = request_refresh(prepared, workspace.id)
    assert request_refresh(prepared, workspace.id).id == first.id
    first.state = "running"
    prepared.commit()
    assert request_refresh(prepared, workspace.id).id != first.id
