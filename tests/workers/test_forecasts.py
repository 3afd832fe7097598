import errno
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from forecasting import Fengping
from storage import chunks, forecasts, jobs, sales
from storage.accounts import get_workspace
from storage.backtests import get_backtest, latest_model
from storage.models import Chunk, ForecastModel, ForecastRun, Job, MarkedDay
from storage.progress import progress
from tests.storage.factories import analysis, make_products, make_reviews, make_sales, review_row
from tests.workers.factories import Sent, work_off
from workers import daily, refresh
from workers.context import Context
from workers.forecasts import run_forecast
from workers.leases import NotNow

START = date(2026, 1, 5)
DAYS = 112
LAST = START + timedelta(days=DAYS - 1)


@pytest.fixture
def product_ids(context: Context, workspace_id: int) -> list[int]:
    """Two products with a weekly rhythm, the first with reviews and promotions."""
    with context.sessions.begin() as session:
        first, second = make_products(session, workspace_id, "A1", "B2")
        rhythm = [10 + 5 * (day % 7 in (5, 6)) for day in range(DAYS)]
        make_sales(session, workspace_id, first, START, rhythm, price=20.0)
        promoted = [START + timedelta(days=step) for step in range(0, DAYS, 9)]
        sales.copy_sales(
            session,
            workspace_id,
            [{"product_id": first, "day": START + timedelta(days=n), "promo": 0.0} for n in range(DAYS)],
        )
        sales.copy_sales(
            session,
            workspace_id,
            [{"product_id": first, "day": day, "promo": 1.0, "units": 40.0} for day in promoted],
        )
        make_sales(session, workspace_id, second, START, [units / 2 for units in rhythm])
        make_reviews(
            session,
            workspace_id,
            [
                review_row(first, START + timedelta(days=n), analysis=analysis("negative", -0.9 + n / 200))
                for n in range(0, DAYS, 2)
            ],
        )
        jobs.touch_data(session, workspace_id)
    return [first, second]


def refresh_now(context: Context, workspace_id: int, kind: str = "refresh") -> Job:
    with context.sessions.begin() as session:
        job_id = jobs.create_job(session, workspace_id, kind).id
    return work_off(context, job_id)


def ask(context: Context, workspace_id: int, product_id: int, **wishes: object) -> UUID:
    with context.sessions.begin() as session:
        return forecasts.get_or_create_run(session, workspace_id, product_id, **wishes)[0].id


def read(context: Context, workspace_id: int, run_id: UUID) -> ForecastRun:
    with context.sessions() as session:
        run = forecasts.get_run(session, workspace_id, run_id)
        assert run.points is not None
        return run


def raising(error: Exception) -> Callable[..., None]:
    def act(*_given: object, **_options: object) -> None:
        raise error

    return act


def test_a_refresh_trains_and_forecasts_every_product(
    context: Context, workspace_id: int, product_ids: list[int]
) -> None:
    job = refresh_now(context, workspace_id)
    assert (job.state, job.error) == ("succeeded", "")
    with context.sessions() as session:
        found = progress(session, job)
        assert (found.total, found.done, found.failed) == (2, 2, 0)
        model = latest_model(session, workspace_id)
        assert (model.horizon, model.cutoff, model.data_version) == (14, LAST, 1)
        assert {"SeasonalNaive", "Fengping"} <= set(model.metrics)
        assert model.metrics["Fengping"]["wape"] >= 0
        assert model.params["future"] == ["promo", "price"]
        assert set(model.params["sentiment"]) <= set(model.params["past"])
        assert "sentiment_mean_7" in model.params["sentiment"]
        assert (
            session.scalar(select(MarkedDay.name_zh).where(MarkedDay.day == date(2026, 11, 11))) is not None
        )
        for product_id in product_ids:
            run = forecasts.latest_run(session, workspace_id, product_id)
            backtest = get_backtest(session, workspace_id, product_id)
            assert [point.ds for point in run.points] == [LAST + timedelta(days=n) for n in range(1, 15)]
            for point in run.points:
                bands = point.bands
                assert 0 <= bands["lo-95"] <= bands["lo-80"] <= point.yhat <= bands["hi-80"] <= bands["hi-95"]
            assert run.model == backtest.champion
            assert (run.cutoff, run.job_id, run.model_id) == (LAST, job.id, model.id)
            assert run.coverage == backtest.coverage
            assert 0 <= run.coverage["80"] <= 1
            assert 0 <= run.direction["p_up"] <= 1
            assert run.direction["brier"] >= 0
            assert run.direction["n"] > 0
            assert run.assumptions == {"promo": "0", "price": "last"}
            assert run.versions["model"] == model.version
            assert not forecasts.is_stale(session, run)
            point = backtest.cv[0]
            assert {"ds", "cutoff", "y", "yhat", "lo-80", "hi-80", "lo-95", "hi-95", "SeasonalNaive"} <= set(
                point
            )
            assert point["cutoff"] < point["ds"]
        first = forecasts.latest_run(session, workspace_id, product_ids[0])
        assert len(first.evidence) == 8
        assert first.lift["unique_id"] == str(product_ids[0])
        assert first.lift["verdict"] in ("helps", "none", "harms")
        assert (context.settings.artifacts_dir / model.path).is_dir()


def test_a_product_that_cannot_be_explained_costs_no_other_its_forecast(
    context: Context, workspace_id: int, product_ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = product_ids
    real = Fengping.explain

    def explain(self: Fengping, unique_id: str, **options: object) -> object:
        if unique_id == str(first):
            raise ValueError("no drivers")
        return real(self, unique_id, **options)

    monkeypatch.setattr(Fengping, "explain", explain)
    job = refresh_now(context, workspace_id)
    assert job.state == "failed"
    assert job.error == f"1 products could not be forecast, first {first}: ValueError: no drivers"
    with context.sessions.begin() as session:
        found = progress(session, job)
        assert (found.total, found.done, found.failed) == (2, 1, 1)
        assert forecasts.answered_products(session, workspace_id, 14) == {second}
        jobs.retry_job(session, workspace_id, job.id)
    monkeypatch.undo()
    assert work_off(context, job.id).state == "succeeded"
    with context.sessions() as session:
        assert forecasts.answered_products(session, workspace_id, 14) == {first, second}
        assert progress(session, job).done == 2


def test_an_outage_while_products_are_explained_is_no_fault_of_theirs(
    context: Context, workspace_id: int, product_ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fengping, "explain", raising(OSError(errno.ENOSPC, "No space left on device")))
    with context.sessions.begin() as session:
        job_id = jobs.create_job(session, workspace_id, "train").id
    while refresh.train_models(context, job_id):
        pass
    with context.sessions.begin() as session:
        waiting = session.scalars(select(Chunk).where(Chunk.job_id == job_id, Chunk.state != "done")).one()
        assert (waiting.state, waiting.attempts, waiting.error) == ("pending", 0, "")
        waiting.not_before = None
    monkeypatch.undo()
    assert work_off(context, job_id).state == "succeeded"


def test_asking_afterwards_finds_the_answer_there(
    context: Context, workspace_id: int, product_ids: list[int]
) -> None:
    refresh_now(context, workspace_id)
    with context.sessions.begin() as session:
        run, created = forecasts.get_or_create_run(session, workspace_id, product_ids[0])
        assert (run.state, created) == ("succeeded", False)
    assert run_forecast(context, run.id) is False


def test_a_run_trains_when_there_is_no_model_of_todays_data_and_only_then(
    context: Context, workspace_id: int, product_ids: list[int]
) -> None:
    short = ask(context, workspace_id, product_ids[0], horizon=7, level=(80,))
    assert run_forecast(context, short) is True
    run = read(context, workspace_id, short)
    assert (run.state, run.error, len(run.points)) == ("succeeded", "", 7)
    assert set(run.points[0].bands) == {"lo-80", "hi-80"}
    run_forecast(context, ask(context, workspace_id, product_ids[1], horizon=5))
    with context.sessions() as session:
        models = session.scalars(
            select(ForecastModel).where(ForecastModel.workspace_id == workspace_id)
        ).all()
        assert [model.horizon for model in models] == [7]
    with context.sessions.begin() as session:
        jobs.touch_data(session, workspace_id)
    again = ask(context, workspace_id, product_ids[0], horizon=7, level=(80,))
    assert again != short
    run_forecast(context, again)
    with context.sessions() as session:
        assert latest_model(session, workspace_id, horizon=7).data_version == 2
        assert forecasts.is_stale(session, run)


def test_a_scenario_changes_the_forecast_and_is_shown(
    context: Context, workspace_id: int, product_ids: list[int]
) -> None:
    plain = ask(context, workspace_id, product_ids[0])
    first = LAST + timedelta(days=1)
    scenario = {"promo": 1, "from": first.isoformat(), "to": first.isoformat()}
    promoted = ask(context, workspace_id, product_ids[0], scenario=scenario)
    assert promoted != plain
    for run_id in (plain, promoted):
        run_forecast(context, run_id)
    usual, better = (read(context, workspace_id, run_id) for run_id in (plain, promoted))
    assert better.error == ""
    assert better.points[0].yhat > usual.points[0].yhat * 1.5
    assert better.assumptions["promo"] == "scenario: promo 1"
    assert better.assumptions["price"] == "last"
    assert (usual.warnings, better.warnings) == ([], [])
    with context.sessions() as session:
        assert forecasts.latest_run(session, workspace_id, product_ids[0]).id == plain


def test_a_scenario_outside_anything_seen_is_warned_of(
    context: Context, workspace_id: int, product_ids: list[int]
) -> None:
    run_id = ask(context, workspace_id, product_ids[0], scenario={"promo": 3})
    run_forecast(context, run_id)
    run = read(context, workspace_id, run_id)
    assert (run.state, run.error) == ("succeeded", "")
    assert run.warnings == [
        f"promo 3 is above every value seen of {product_ids[0]} (0 … 1), and of all others"
    ]
    [remark] = run.remarks
    assert (remark["code"], remark["detail"]) == ("above_seen", run.warnings[0])


@pytest.mark.parametrize(
    ("scenario", "reason", "code"),
    [
        ({"weather": 3}, "weather (known ahead: promo, price)", "unknown_column"),
        ({"price": 30.0}, "price never was different", "never_different"),
        ({"promo": 0}, "promo is already planned so", "already_planned"),
        ({"promo": 1, "from": "2027-01-01"}, "no day from", "no_day"),
        (
            {"sentiment": [{"aspect": "物流", "polarity": "negative", "change": -0.3}]},
            "negative about 物流",
            "no_such_reviews",
        ),
    ],
)
def test_a_scenario_that_changes_nothing_is_refused(
    scenario: dict[str, object],
    reason: str,
    code: str,
    context: Context,
    workspace_id: int,
    product_ids: list[int],
) -> None:
    run_id = ask(context, workspace_id, product_ids[0], scenario=scenario)
    run_forecast(context, run_id)
    run = read(context, workspace_id, run_id)
    assert run.state == "failed"
    assert reason in run.error
    assert [remark["code"] for remark in run.remarks] == [code]
    assert run.points == []


def test_an_imported_plan_is_used_and_said(
    context: Context, workspace_id: int, product_ids: list[int]
) -> None:
    with context.sessions.begin() as session:
        for product_id in product_ids:
            plan = [None] * 14
            make_sales(
                session, workspace_id, product_id, LAST + timedelta(days=1), plan, promo=0.0, price=15.0
            )
    run_id = ask(context, workspace_id, product_ids[0])
    run_forecast(context, run_id)
    run = read(context, workspace_id, run_id)
    assert (run.error, run.cutoff) == ("", LAST)
    assert run.assumptions == {"promo": "plan", "price": "plan"}


def test_a_failing_run_is_tried_again_and_then_given_up(
    context: Context, workspace_id: int, product_ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    context = replace(context, settings=replace(context.settings, max_attempts=2))

    monkeypatch.setattr(context.artifacts, "new_forecaster", raising(RuntimeError("no memory")))
    run_id = ask(context, workspace_id, product_ids[0])
    run_forecast(context, run_id)
    assert read(context, workspace_id, run_id).state == "queued"
    run_forecast(context, run_id)
    run = read(context, workspace_id, run_id)
    assert (run.state, run.error) == ("failed", "RuntimeError: no memory")
    monkeypatch.undo()
    assert ask(context, workspace_id, product_ids[0]) == run_id
    run_forecast(context, run_id)
    assert read(context, workspace_id, run_id).state == "succeeded"


@pytest.mark.parametrize(
    "error", [NotNow("somebody else trains"), OSError(errno.ENOSPC, "No space left on device")]
)
def test_what_passes_by_itself_counts_no_attempt(
    context: Context,
    workspace_id: int,
    product_ids: list[int],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    monkeypatch.setattr("workers.forecasts.ensure_model", raising(error))
    run_id = ask(context, workspace_id, product_ids[0])
    for _ in range(context.settings.max_attempts + 1):
        assert run_forecast(context, run_id) is True
        run = read(context, workspace_id, run_id)
        assert (run.state, run.attempts, run.error) == ("queued", 0, "")


def test_a_run_whose_worker_died_goes_to_another(
    context: Context, workspace_id: int, product_ids: list[int]
) -> None:
    run_id = ask(context, workspace_id, product_ids[0])
    with context.sessions.begin() as session:
        forecasts.claim_run(session, run_id, "dead", 60)
    assert run_forecast(context, run_id) is False
    with context.sessions.begin() as session:
        past = datetime.now(UTC) - timedelta(seconds=1)
        session.execute(update(ForecastRun).where(ForecastRun.id == run_id).values(lease_until=past))
    assert run_forecast(context, run_id) is True
    assert read(context, workspace_id, run_id).state == "succeeded"


def test_old_models_and_their_folders_go(context: Context, workspace_id: int, product_ids: list[int]) -> None:
    for _ in range(3):
        assert refresh_now(context, workspace_id, "train").state == "succeeded"
    with context.sessions() as session:
        models = session.scalars(
            select(ForecastModel).where(ForecastModel.workspace_id == workspace_id)
        ).all()
    assert len(models) == 2
    folders = {path.name for path in (context.settings.artifacts_dir / str(workspace_id)).iterdir()}
    assert folders == {model.path.partition("/")[2] for model in models}


def test_a_refresh_waits_for_imports_but_not_for_ever(
    context: Context, workspace_id: int, product_ids: list[int]
) -> None:
    with context.sessions.begin() as session:
        busy = jobs.create_job(session, workspace_id, "score")
        job = jobs.create_job(session, workspace_id, "refresh")
    assert refresh.train_models(context, job.id) is False
    with context.sessions.begin() as session:
        assert session.get_one(Job, job.id).state == "queued"
        assert chunks.pending_chunks(session, workspace_id, job.id) == []
        session.execute(update(Chunk).where(Chunk.job_id == job.id).values(not_before=None))
        session.get_one(Job, job.id).created_at = datetime.now(UTC) - timedelta(hours=1)
    assert work_off(context, job.id).state == "succeeded"
    with context.sessions() as session:
        assert session.get_one(Job, busy.id).state == "queued"
        assert latest_model(session, workspace_id) is not None


def test_features_that_lag_behind_the_sales_are_brought_up_first(
    context: Context, workspace_id: int, product_ids: list[int]
) -> None:
    with context.sessions.begin() as session:
        assert daily.rebuild_behind(session, workspace_id, 10) == 1
        assert daily.rebuild_behind(session, workspace_id, 10) == 0
        make_sales(session, workspace_id, product_ids[1], LAST + timedelta(days=1), [3.0])
        assert daily.rebuild_behind(session, workspace_id, 10) == 1


def test_the_night_rescores_what_is_stale_then_trains(
    context: Context, workspace_id: int, product_ids: list[int], sent: Sent
) -> None:
    context.artifacts.small.version = "small-2"
    refresh.nightly_refresh(context)
    with context.sessions() as session:
        [score] = jobs.list_jobs(session, workspace_id, kind="score").items
        [night] = jobs.list_jobs(session, workspace_id, kind="refresh").items
    woken = {"score_reviews", "train_models", "digest_products"}
    assert {task for task, _, _ in sent} == {f"workers.tasks.{name}" for name in woken}
    assert refresh.train_models(context, night.id) is False
    work_off(context, score.id)
    with context.sessions.begin() as session:
        found = progress(session, session.get_one(Job, score.id))
        assert (found.total, found.done) == (58, 58)
        assert get_workspace(session, workspace_id).data_version == 2
        session.execute(update(Chunk).where(Chunk.job_id == night.id).values(not_before=None))
    assert work_off(context, night.id).state == "succeeded"
    with context.sessions() as session:
        assert latest_model(session, workspace_id).data_version == 2
