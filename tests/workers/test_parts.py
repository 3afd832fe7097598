from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from storage import forecasts, jobs
from storage.backtests import get_backtest
from storage.errors import NoData
from storage.models import ForecastModel
from storage.progress import progress
from tests.storage.factories import make_products, make_sales
from tests.workers.factories import work_off
from workers.context import Context
from workers.forecasts import run_forecast
from workers.parts import part_of, parts_of
from workers.training import Question, ensure_model

START = date(2026, 1, 5)
DAYS = 56


@pytest.fixture
def cut(context: Context) -> Context:
    """A context whose models are trained on at most two products."""
    return replace(context, settings=replace(context.settings, forecast_part_products=2))


@pytest.fixture
def product_ids(context: Context, workspace_id: int) -> list[int]:
    """Three products that sell, and a fourth that never did."""
    with context.sessions.begin() as session:
        ids = make_products(session, workspace_id, "A1", "B2", "C3", "D4")
        for id in ids[:3]:
            make_sales(session, workspace_id, id, START, [float(3 + day % 7) for day in range(DAYS)])
    return ids


def test_products_with_sales_are_cut_into_parts_of_nearly_equal_size(
    cut: Context, workspace_id: int, product_ids: list[int]
) -> None:
    with cut.sessions() as session:
        assert parts_of(cut, session, workspace_id) == [product_ids[:1], product_ids[1:3]]
        assert [part_of(cut, session, workspace_id, id) for id in product_ids[:3]] == [0, 1, 1]
        with pytest.raises(NoData, match=str(product_ids[3])):
            part_of(cut, session, workspace_id, product_ids[3])


def test_each_part_is_trained_and_forecast_by_a_chunk_of_its_own(
    cut: Context, workspace_id: int, product_ids: list[int]
) -> None:
    with cut.sessions.begin() as session:
        job_id = jobs.create_job(session, workspace_id, "refresh").id
    job = work_off(cut, job_id)
    assert (job.state, job.error) == ("succeeded", "")
    mine = ForecastModel.workspace_id == workspace_id
    with cut.sessions() as session:
        found = progress(session, job)
        assert (found.total, found.done, found.failed) == (3, 3, 0)
        models = session.scalars(select(ForecastModel).where(mine).order_by(ForecastModel.part)).all()
        assert [model.part for model in models] == [0, 1]
        speaking = [get_backtest(session, workspace_id, id).model_id for id in product_ids[:3]]
        assert speaking == [models[0].id, models[1].id, models[1].id]
        runs = [forecasts.latest_run(session, workspace_id, id) for id in product_ids[:3]]
        assert [run.model_id for run in runs] == speaking


def test_a_forecast_asked_for_trains_the_products_own_part_only(
    cut: Context, workspace_id: int, product_ids: list[int]
) -> None:
    with cut.sessions.begin() as session:
        run, _ = forecasts.get_or_create_run(session, workspace_id, product_ids[2], horizon=7)
    assert run_forecast(cut, run.id) is True
    mine = ForecastModel.workspace_id == workspace_id
    with cut.sessions() as session:
        assert forecasts.get_run(session, workspace_id, run.id).state == "succeeded"
        assert session.scalars(select(ForecastModel.part).where(mine)).all() == [1]


def test_a_part_that_is_no_more_is_not_trained(
    cut: Context, workspace_id: int, product_ids: list[int]
) -> None:
    with pytest.raises(NoData, match="part 2"):
        ensure_model(cut, Question(workspace_id, horizon=7, part=2))
