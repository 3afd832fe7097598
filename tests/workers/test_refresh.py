from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage import chunks, idempotency, jobs, marks
from storage.models import Chunk, IdempotencyKey, Job, MarkedDay
from storage.progress import progress
from tests.storage.factories import make_import, make_products, make_sales, make_workspace
from tests.workers.factories import Sent
from workers import refresh
from workers.context import Context
from workers.leases import WAIT_SECONDS
from workers.stages import ENOUGH_DAYS

START = date(2026, 1, 5)
TODAY = date(2026, 6, 15)


def create(context: Context, workspace_id: int, kind: str) -> UUID:
    with context.sessions.begin() as session:
        if kind.startswith("import_"):
            return make_import(session, workspace_id, kind).id
        params = {"texts": ["好"]} if kind == "analyze" else None
        return jobs.create_job(session, workspace_id, kind, params=params).id


def sell(context: Context, workspace_id: int, days: int) -> None:
    with context.sessions.begin() as session:
        [product_id] = make_products(session, workspace_id, "A1")
        make_sales(session, workspace_id, product_id, START, [float(3 + n % 7) for n in range(days)])


def chunk_of(context: Context, job_id: UUID) -> Chunk:
    with context.sessions() as session:
        return session.scalars(select(Chunk).where(Chunk.job_id == job_id)).one()


def age(context: Context, job_id: UUID, by: timedelta) -> None:
    with context.sessions.begin() as session:
        session.execute(update(Job).where(Job.id == job_id).values(created_at=datetime.now(UTC) - by))


@pytest.mark.parametrize(
    "busy", ["import_reviews", "import_products", "import_sales", "import_orders", "score"]
)
def test_a_refresh_waits_for_whatever_changes_data(context: Context, workspace_id: int, busy: str) -> None:
    create(context, workspace_id, busy)
    waiting = create(context, workspace_id, "refresh")
    before = datetime.now(UTC)
    assert refresh.must_wait(context, waiting) is True
    chunk = chunk_of(context, waiting)
    assert (chunk.state, chunk.attempts) == ("pending", 0)
    assert before < chunk.not_before <= datetime.now(UTC) + timedelta(seconds=WAIT_SECONDS)


@pytest.mark.parametrize("beside", ["train", "analyze"])
def test_what_changes_no_data_is_not_waited_for(context: Context, workspace_id: int, beside: str) -> None:
    create(context, workspace_id, beside)
    waiting = create(context, workspace_id, "refresh")
    assert refresh.must_wait(context, waiting) is False
    assert chunk_of(context, waiting).not_before is None


def test_another_workspaces_import_is_not_waited_for(context: Context, workspace_id: int) -> None:
    with context.sessions.begin() as session:
        other = make_workspace(session)
        make_import(session, other.id)
    try:
        assert refresh.must_wait(context, create(context, workspace_id, "refresh")) is False
    finally:
        with context.sessions.begin() as session:
            session.delete(session.merge(other))


def test_an_import_that_ended_is_not_waited_for(context: Context, workspace_id: int) -> None:
    busy = create(context, workspace_id, "import_sales")
    waiting = create(context, workspace_id, "refresh")
    with context.sessions.begin() as session:
        jobs.cancel_job(session, workspace_id, busy)
    assert refresh.must_wait(context, waiting) is False


def test_patience_ends_where_it_is_said_to(context: Context, workspace_id: int) -> None:
    create(context, workspace_id, "import_sales")
    waiting = create(context, workspace_id, "refresh")
    age(context, waiting, refresh.PATIENCE - timedelta(minutes=1))
    assert refresh.must_wait(context, waiting) is True
    age(context, waiting, refresh.PATIENCE + timedelta(minutes=1))
    assert refresh.must_wait(context, waiting) is False


def test_a_training_that_a_user_asked_for_waits_for_nothing(context: Context, workspace_id: int) -> None:
    create(context, workspace_id, "import_sales")
    asked = create(context, workspace_id, "train")
    assert refresh.must_wait(context, asked) is False
    assert chunk_of(context, asked).not_before is None


def test_a_refresh_that_has_trained_goes_on_to_forecast(context: Context, workspace_id: int) -> None:
    create(context, workspace_id, "import_sales")
    trained = create(context, workspace_id, "refresh")
    with context.sessions.begin() as session:
        session.get_one(Job, trained).stage = "forecast"
    assert refresh.must_wait(context, trained) is False


def test_a_job_that_is_gone_is_no_work(context: Context) -> None:
    assert refresh.must_wait(context, uuid4()) is False
    assert refresh.train_models(context, uuid4()) is False


def test_training_without_sales_fails_and_forecasts_nothing(
    context: Context, workspace_id: int, sent: Sent
) -> None:
    job_id = create(context, workspace_id, "train")
    assert refresh.train_models(context, job_id) is True
    with context.sessions() as session:
        job = session.get_one(Job, job_id)
        assert (job.state, job.stage) == ("failed", "train")
        assert f"workspace {workspace_id} has no sales yet" in job.error
    assert sent == []


def test_training_wakes_the_forecasts_after_it_and_marks_the_calendar(
    context: Context, workspace_id: int, sent: Sent
) -> None:
    sell(context, workspace_id, 60)
    with context.sessions.begin() as session:
        marks.replace_marks(session, date(1990, 1, 1), date(2090, 1, 1), [])
    job_id = create(context, workspace_id, "refresh")
    plan, train = (refresh.train_models(context, job_id) for _ in range(2))
    assert (plan, train) == (True, True)
    assert sent == [("workers.tasks.train_models", (str(job_id),), "forecast")] * 2
    with context.sessions() as session:
        job = session.get_one(Job, job_id)
        assert (job.state, job.stage) == ("running", "forecast")
        this_year = datetime.now(context.settings.zone).year
        assert session.get(MarkedDay, (date(this_year, 11, 11), "双11")) is not None
        learned = progress(session, job).stages[0]
        assert learned.name == "train"
        assert learned.done == learned.total > 5, "models, each in some windows"


@pytest.mark.parametrize(
    ("days", "kinds"),
    [
        (0, {"score", "digest"}),
        (ENOUGH_DAYS - 1, {"score", "digest"}),
        (ENOUGH_DAYS, {"score", "digest", "refresh"}),
    ],
)
def test_the_night_trains_only_where_there_is_enough_to_learn_from(
    context: Context, workspace_id: int, sent: Sent, days: int, kinds: set[str]
) -> None:
    if days:
        sell(context, workspace_id, days)
    count = refresh.nightly_refresh(context)
    assert count == len(sent) >= len(kinds)
    with context.sessions() as session:
        found = jobs.list_jobs(session, workspace_id).items
        assert {job.kind for job in found} == kinds
        woken = {args for _, args, _ in sent}
        for job in found:
            [chunk] = chunks.pending_chunks(session, workspace_id, job.id)
            assert woken & {(chunk.id,), (str(job.id),)}


def test_a_night_after_one_that_is_not_worked_off_adds_no_jobs(context: Context, workspace_id: int) -> None:
    sell(context, workspace_id, ENOUGH_DAYS)
    for _ in range(2):
        refresh.nightly_refresh(context)
    with context.sessions() as session:
        kinds = [job.kind for job in jobs.list_jobs(session, workspace_id).items]
    assert sorted(kinds) == ["digest", "refresh", "score"]


def test_the_night_is_written_down_though_the_broker_is_away(context: Context, workspace_id: int) -> None:
    def away(*_message: object) -> None:
        raise ConnectionRefusedError("no broker")

    refresh.nightly_refresh(replace(context, send=away))
    with context.sessions() as session:
        for job in jobs.list_jobs(session, workspace_id).items:
            assert len(chunks.pending_chunks(session, workspace_id, job.id)) == 1


def test_the_night_forgets_old_keys_and_keeps_new_ones(context: Context, workspace_id: int) -> None:
    with context.sessions.begin() as session:
        for key, days in (("old", 8), ("new", 6)):
            row = idempotency.claim_key(session, workspace_id, key, "f")
            row.created_at = datetime.now(UTC) - timedelta(days=days)
    refresh.nightly_refresh(context)
    with context.sessions() as session:
        query = select(IdempotencyKey.key).where(IdempotencyKey.workspace_id == workspace_id)
        assert list(session.scalars(query)) == ["new"]


def test_marks_reach_ten_years_back_and_two_ahead_in_whole_years(session: Session) -> None:
    count = refresh.keep_marks(session, TODAY)
    found = marks.marked_days(session, date(2000, 1, 1), date(2060, 1, 1))
    inside = [mark for mark in found if 2016 <= mark.day.year <= 2028]
    assert len(inside) == count
    years = {mark.day.year for mark in inside if mark.name_zh == "双11"}
    assert years == set(range(2016, 2029))


def test_marks_that_are_no_longer_in_the_calendar_go_and_those_outside_its_span_stay(
    session: Session,
) -> None:
    wrong, outside = (date(2026, 3, 3), "错"), (date(2012, 3, 3), "旧")
    for day, name in (wrong, outside):
        session.merge(MarkedDay(day=day, name_zh=name, name_en="x", kind="x"))
    session.flush()
    first = refresh.keep_marks(session, TODAY)
    assert refresh.keep_marks(session, TODAY) == first
    session.expire_all()
    assert session.get(MarkedDay, wrong) is None
    assert session.get(MarkedDay, outside) is not None
