from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from ingest import reader
from storage import chunks, jobs
from storage.models import Chunk, DailyFeature, Job, OrderLine, Product, Review, Sale
from storage.progress import progress
from tests.workers.factories import VERSION, Sent, csv_import, text_import, work, work_off
from workers import imports, leases
from workers.context import Context

REVIEWS = "product_id,review_id,created_at,text,rating"


def review_lines(count: int, product: str = "A1", text: str = "发货很快") -> list[str]:
    return [f"{product},r{n},2026-11-{n % 20 + 1:02d} 09:00:00,{text} {n},5" for n in range(count)]


def small_batches(context: Context, rows: int = 10) -> Context:
    return replace(context, settings=replace(context.settings, import_batch_rows=rows, score_chunk_rows=rows))


def counts(context: Context, job: Job) -> tuple[str, int | None, int, int]:
    with context.sessions() as session:
        found = progress(session, job)
    return job.state, found.total, found.done, found.failed


def test_reviews_go_in_are_scored_and_become_days(context: Context, workspace_id: int) -> None:
    context = small_batches(context)
    lines = [*review_lines(25), "A1,bad,not a day,文字,5", "A1,neg,2026-11-30 23:30:00,质量差,1"]
    job = work_off(context, csv_import(context, workspace_id, "reviews", REVIEWS, lines))
    assert counts(context, job) == ("succeeded", 27, 26, 1)
    assert job.error == ""
    with context.sessions() as session:
        found = session.scalars(select(Review).where(Review.workspace_id == workspace_id)).all()
        assert {review.scored_by for review in found} == {VERSION}
        assert {review.external_id for review in found if review.label == "negative"} == {"neg"}
        [refusal] = jobs.list_refusals(session, workspace_id, job.id).items
        assert (refusal.line, refusal.value) == (27, "not a day")
        days = session.execute(
            select(func.count(), func.sum(DailyFeature.reviews), func.max(DailyFeature.day)).where(
                DailyFeature.workspace_id == workspace_id
            )
        ).one()
        assert tuple(days) == (30, 26.0, date(2026, 11, 30))
        assert session.get_one(Job, job.id).stage == "daily"


def test_the_same_file_twice_adds_nothing_and_still_adds_up(context: Context, workspace_id: int) -> None:
    lines = [*review_lines(12), "A1,,2026-11-03 10:00:00,没有编号,4"]
    work_off(context, csv_import(context, workspace_id, "reviews", REVIEWS, lines))
    context.artifacts.small.read.clear()
    again = work_off(context, csv_import(context, workspace_id, "reviews", REVIEWS, lines))
    assert counts(context, again) == ("succeeded", 13, 13, 0)
    assert context.artifacts.small.read == []
    with context.sessions() as session:
        assert session.scalar(select(func.count()).where(Review.workspace_id == workspace_id)) == 13


def test_a_review_counts_on_the_shops_day(context: Context, workspace_id: int) -> None:
    lines = ["A1,r1,2026-11-10T17:30:00Z,凌晨到,5"]
    work_off(context, csv_import(context, workspace_id, "reviews", REVIEWS, lines))
    with context.sessions() as session:
        assert session.scalar(select(Review.day).where(Review.workspace_id == workspace_id)) == date(
            2026, 11, 11
        )


def test_a_file_that_is_wrong_as_a_whole_fails_the_job_with_the_reason(
    context: Context, workspace_id: int
) -> None:
    job = work_off(context, text_import(context, workspace_id, "reviews", "a,b\n1,2\n"))
    assert job.state == "failed"
    assert "product_id" in job.error or "商品" in job.error
    with context.sessions() as session:
        assert session.scalar(select(func.count()).where(Product.workspace_id == workspace_id)) == 0


def test_a_file_that_is_gone_fails_the_job_with_its_name(context: Context, workspace_id: int) -> None:
    job_id = csv_import(context, workspace_id, "reviews", REVIEWS, review_lines(1))
    for path in context.settings.uploads_dir.iterdir():
        path.unlink()
    job = work_off(context, job_id)
    assert (job.state, job.error) == ("failed", "the uploaded file is gone: reviews-0.csv")


def crash_after(batches: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Make the process "die" after some committed batches: nothing after the commit happens."""
    real, left = imports._commit, [batches]

    def dying(*args: object) -> object:
        if left[0] == 0:
            raise KeyboardInterrupt
        left[0] -= 1
        return real(*args)

    monkeypatch.setattr(imports, "_commit", dying)
    return monkeypatch.undo


def test_an_import_resumes_after_the_last_committed_row(
    context: Context, workspace_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = small_batches(context)
    job_id = csv_import(context, workspace_id, "reviews", REVIEWS, review_lines(35))
    revive = crash_after(2, monkeypatch)
    with context.sessions() as session:
        chunk = chunks.pending_chunks(session, workspace_id, job_id)[0]
    with pytest.raises(KeyboardInterrupt):
        work(context, chunk)
    revive()
    with context.sessions.begin() as session:
        stopped = session.get_one(Chunk, chunk.id)
        assert (stopped.state, stopped.cursor, stopped.done) == ("running", 20, 20)
        stopped.lease_until = stopped.created_at
    leases.work_on(context, chunk.id, imports.import_chunk)
    job = work_off(context, job_id)
    assert counts(context, job) == ("succeeded", 35, 35, 0)


def test_a_cancelled_import_stops_between_batches_and_keeps_what_is_in(
    context: Context, workspace_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = small_batches(context)
    job_id = csv_import(context, workspace_id, "reviews", REVIEWS, review_lines(35))
    real = imports._commit

    def cancelled_meanwhile(assignment: object, batch: object, cursor: int, then: object) -> object:
        wakeups = real(assignment, batch, cursor, then)
        if cursor == 20:
            with context.sessions.begin() as session:
                jobs.cancel_job(session, workspace_id, job_id)
        return wakeups

    monkeypatch.setattr(imports, "_commit", cancelled_meanwhile)
    job = work_off(context, job_id)
    assert job.state == "cancelled"
    with context.sessions() as session:
        assert session.scalar(select(func.count()).where(Review.workspace_id == workspace_id)) == 20
        assert set(session.scalars(select(Chunk.state).where(Chunk.job_id == job_id))) == {"cancelled"}
    with context.sessions.begin() as session:
        jobs.retry_job(session, workspace_id, job_id)
    monkeypatch.undo()
    assert counts(context, work_off(context, job_id)) == ("succeeded", 35, 35, 0)


def test_a_long_import_goes_on_while_no_other_job_waits(context: Context, workspace_id: int) -> None:
    context = small_batches(context)
    job_id = csv_import(context, workspace_id, "reviews", REVIEWS, review_lines(25))
    with context.sessions() as session:
        chunk = chunks.pending_chunks(session, workspace_id, job_id)[0]
    leases.work_on(context, chunk.id, lambda assignment: imports.import_chunk(assignment, 0))
    with context.sessions() as session:
        assert session.get_one(Chunk, chunk.id).state == "done"


def test_a_big_file_is_counted_in_sight(
    context: Context, workspace_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "TELL_SECONDS", 0)
    monkeypatch.setattr(reader, "COUNTED", 10)
    told: list[int] = []
    real = chunks.record
    monkeypatch.setattr(
        chunks,
        "record",
        lambda *given, **counts: (told.append(counts.get("rows", -1)), real(*given, **counts)),
    )
    work_off(context, csv_import(context, workspace_id, "reviews", REVIEWS, review_lines(25)))
    assert told[:4] == [10, 20, 25, 25]


def test_a_long_import_steps_aside_after_its_turn_and_goes_on(
    context: Context, workspace_id: int, sent: Sent
) -> None:
    context = small_batches(context)
    csv_import(context, workspace_id, "reviews", REVIEWS, review_lines(1))
    job_id = csv_import(context, workspace_id, "reviews", REVIEWS, review_lines(25))
    with context.sessions() as session:
        chunk = chunks.pending_chunks(session, workspace_id, job_id)[0]
    leases.work_on(context, chunk.id, lambda assignment: imports.import_chunk(assignment, 0))
    with context.sessions() as session:
        waiting = session.get_one(Chunk, chunk.id)
    assert (waiting.state, waiting.cursor, waiting.attempts) == ("pending", 10, 0)
    assert ("workers.tasks.import_chunk", (chunk.id,), "nlp") in sent
    assert counts(context, work_off(context, job_id)) == ("succeeded", 25, 25, 0)


def test_products_are_read_and_only_changed_ones_again(context: Context, workspace_id: int) -> None:
    header = "product_id,title,description,price"
    lines = ["A1,保温杯,质量差,10", "B2,杯子,很好,x", "C3,水壶,,30"]
    job = work_off(context, csv_import(context, workspace_id, "products", header, lines))
    assert counts(context, job) == ("succeeded", 3, 2, 1)
    with context.sessions() as session:
        found = {
            row.external_id: row
            for row in session.scalars(select(Product).where(Product.workspace_id == workspace_id))
        }
    assert found["A1"].analysis["sentiment"]["label"] == "negative"
    assert found["A1"].scored_by == VERSION
    context.artifacts.small.read.clear()
    lines[2] = "C3,水壶,大容量,30"
    job = work_off(context, csv_import(context, workspace_id, "products", header, lines))
    assert counts(context, job) == ("succeeded", 3, 2, 1)
    assert context.artifacts.small.read == ["水壶\n大容量"]


def test_sales_keep_extra_columns_as_declared(context: Context, workspace_id: int) -> None:
    lines = [f"A1,2026-06-{day:02d},{day},{day * 2}" for day in range(1, 11)]
    job_id = csv_import(
        context, workspace_id, "sales", "product_id,date,units,ads", lines, columns={"ads": "future"}
    )
    assert counts(context, work_off(context, job_id)) == ("succeeded", 10, 10, 0)
    with context.sessions() as session:
        found = session.scalars(
            select(Sale).where(Sale.workspace_id == workspace_id).order_by(Sale.day)
        ).all()
        assert [sale.units for sale in found] == list(range(1, 11))
        assert found[4].extra == {"ads": 10.0}


def test_orders_become_days_with_repeated_lines_kept(context: Context, workspace_id: int) -> None:
    header = "order_id,product_id,ordered_at,quantity,unit_price"
    lines = [
        "o1,A1,2026-06-01 10:00:00,2,5",
        "o1,A1,2026-06-01 10:00:00,2,5",
        "o2,A1,2026-06-03 10:00:00,1,5",
    ]
    for _ in range(2):
        job = work_off(context, csv_import(context, workspace_id, "orders", header, lines))
        assert counts(context, job) == ("succeeded", 3, 3, 0)
    with context.sessions() as session:
        assert session.scalar(select(func.count()).where(OrderLine.workspace_id == workspace_id)) == 3
        days = session.scalars(select(Sale).where(Sale.workspace_id == workspace_id).order_by(Sale.day)).all()
        assert [(sale.units, sale.from_orders) for sale in days] == [(4.0, True), (0.0, True), (1.0, True)]


def test_new_sales_ask_for_one_refresh_after_a_quiet_time(context: Context, workspace_id: int) -> None:
    header = "product_id,date,units"
    for start in (1, 16):
        lines = [f"A1,2026-0{month}-{day:02d},3" for month in (5, 6) for day in range(start, start + 15)]
        work_off(context, csv_import(context, workspace_id, "sales", header, lines))
    with context.sessions() as session:
        [refresh] = jobs.list_jobs(session, workspace_id, kind="refresh").items
        assert refresh.state == "queued"
        assert chunks.pending_chunks(session, workspace_id, refresh.id) == []
        [chunk] = session.scalars(select(Chunk).where(Chunk.job_id == refresh.id))
        assert chunk.not_before is not None


def test_a_file_that_changes_nothing_asks_for_no_refresh(context: Context, workspace_id: int) -> None:
    lines = [f"A1,2026-05-{day:02d},3" for day in range(1, 32)]
    work_off(context, csv_import(context, workspace_id, "sales", "product_id,date,units", lines))
    with context.sessions.begin() as session:
        [refresh] = jobs.list_jobs(session, workspace_id, kind="refresh").items
        jobs.cancel_job(session, workspace_id, refresh.id)
    work_off(context, csv_import(context, workspace_id, "sales", "product_id,date,units", lines))
    with context.sessions() as session:
        assert len(jobs.list_jobs(session, workspace_id, kind="refresh").items) == 1
