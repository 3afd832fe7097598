from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from storage import chunks, jobs
from storage.chunks import Lease
from storage.models import Chunk, Job
from storage.progress import Progress, progress, progress_of
from tests.storage.factories import make_import

NOW = datetime(2026, 11, 11, 12, tzinfo=UTC)


def worked(session: Session, chunk: Chunk, *, finish: bool = True, **counts: int) -> Lease:
    lease = Lease(chunk.id, "me", 60)
    assert chunks.claim(session, chunk.id, "me", 60) is not None
    chunks.record(session, lease, **counts)
    if finish:
        chunks.finish(session, lease)
    return lease


def first_chunk(session: Session, job: Job) -> Chunk:
    return chunks.pending_chunks(session, job.workspace_id, job.id)[0]


def counts(found: Progress) -> tuple[int | None, int, int]:
    return found.total, found.done, found.failed


def test_a_review_is_through_when_it_is_scored(session: Session, workspace_id: int) -> None:
    job = make_import(session, workspace_id, total=10)
    assert counts(progress(session, job)) == (10, 0, 0)
    # 9 good rows, of which 3 were there already, and 1 refused.
    worked(session, first_chunk(session, job), done=9, failed=1, duplicates=3, cursor=10)
    assert counts(progress(session, job)) == (10, 3, 1)
    [first, second] = chunks.add_chunks(
        session, workspace_id, job.id, "score", [(4, {"review_ids": []}), (2, {"review_ids": []})]
    )
    worked(session, first, done=4)
    assert counts(progress(session, job)) == (10, 7, 1)
    worked(session, second, done=2)
    assert counts(progress(session, job)) == (10, 9, 1)


def test_rows_of_a_chunk_that_was_given_up_are_failed(session: Session, workspace_id: int) -> None:
    job = make_import(session, workspace_id, total=6)
    worked(session, first_chunk(session, job), done=6, cursor=6)
    [chunk] = chunks.add_chunks(session, workspace_id, job.id, "score", [(6, {"review_ids": []})])
    lease = worked(session, chunk, done=2, finish=False)
    chunks.quarantine(session, lease, "broken")
    found = progress(session, job)
    assert counts(found) == (6, 2, 4)
    assert [(stage.name, stage.total, stage.done, stage.failed) for stage in found.stages] == [
        ("import", 6, 6, 0),
        ("score", 6, 2, 4),
    ]


def test_sales_are_through_when_they_are_in(session: Session, workspace_id: int) -> None:
    job = make_import(session, workspace_id, "import_sales", total=5)
    worked(session, first_chunk(session, job), done=4, failed=1, cursor=5)
    # Later stages count products, not rows.
    [chunk] = chunks.add_chunks(session, workspace_id, job.id, "daily", [(7, {"daily": []})])
    worked(session, chunk, done=7)
    assert counts(progress(session, job)) == (5, 4, 1)


def test_an_import_that_was_given_up_counts_only_what_it_refused(session: Session, workspace_id: int) -> None:
    job = make_import(session, workspace_id, total=100)
    lease = worked(session, first_chunk(session, job), done=3, failed=2, duplicates=3, cursor=5, finish=False)
    chunks.quarantine(session, lease, "truncated")
    assert counts(progress(session, job)) == (100, 3, 2)


def test_a_job_without_a_file_counts_its_last_stage(session: Session, workspace_id: int) -> None:
    job = jobs.create_job(session, workspace_id, "refresh")
    assert counts(progress(session, job)) == (None, 0, 0)
    worked(session, first_chunk(session, job))
    [chunk] = chunks.add_chunks(session, workspace_id, job.id, "forecast", [(40, {})])
    worked(session, chunk, done=10, finish=False)
    assert counts(progress(session, job)) == (40, 10, 0)


def test_rate_and_remaining_time_come_from_the_start(session: Session, workspace_id: int) -> None:
    job = make_import(session, workspace_id, "import_sales", total=100)
    assert progress(session, job).rate is None
    lease = worked(session, first_chunk(session, job), done=15, failed=5, finish=False)
    job.started_at, job.state = NOW - timedelta(seconds=10), "running"
    session.flush()
    found = progress(session, job, NOW)
    assert found.rate == pytest.approx(2.0)
    assert (found.eta_seconds, found.share, found.elapsed_seconds) == (40, 0.2, 10)
    chunks.finish(session, lease)
    job.state, job.finished_at = "succeeded", NOW - timedelta(seconds=5)
    session.flush()
    ended = progress(session, job, NOW + timedelta(days=1))
    assert (ended.rate, ended.eta_seconds, ended.share) == (pytest.approx(4.0), None, 1.0)


def test_with_all_rows_through_and_days_still_to_build_no_time_left_is_claimed(
    session: Session, workspace_id: int
) -> None:
    job = make_import(session, workspace_id, "import_sales", total=100)
    worked(session, first_chunk(session, job), done=100)
    chunks.add_chunks(session, workspace_id, job.id, "daily", [(24, {})])
    job.started_at, job.state, job.stage = NOW - timedelta(seconds=10), "running", "daily"
    session.flush()
    found = progress(session, job, NOW)
    assert (found.done, found.eta_seconds) == (100, None)


def test_a_training_counts_steps_and_then_products(session: Session, workspace_id: int) -> None:
    job = jobs.create_job(session, workspace_id, "refresh")
    assert progress(session, job).share is None
    worked(session, first_chunk(session, job))
    [chunk] = chunks.add_chunks(session, workspace_id, job.id, "train", [(0, {"part": 0, "products": 3})])
    lease = Lease(chunk.id, "me", 60)
    chunks.claim(session, chunk.id, "me", 60)
    attempts = chunk.attempts
    chunks.show(session, lease, done=30, rows=40)
    since, job.state, job.stage = session.get_one(Chunk, chunk.id).created_at, "running", "train"
    found = progress(session, job, since + timedelta(seconds=60))
    assert (found.share, found.eta_seconds) == (0.375, 20)
    assert counts(found) == (None, 0, 0), "rows are products, and none is forecast yet"
    assert session.get_one(Chunk, chunk.id).attempts == attempts
    chunks.finish(session, lease)
    [chunk] = chunks.add_chunks(session, workspace_id, job.id, "forecast", [(3, {"part": 0})])
    worked(session, chunk, done=1, finish=False)
    job.stage = "forecast"
    assert counts(progress(session, job)) == (3, 1, 0)


def test_many_jobs_are_counted_together(session: Session, workspace_id: int, other_id: int) -> None:
    first, second = (make_import(session, workspace_id, total=n) for n in (1, 2))
    worked(session, first_chunk(session, first), done=1, duplicates=1)
    found = progress_of(session, workspace_id, [first, second])
    assert counts(found[first.id]) == (1, 1, 0)
    assert counts(found[second.id]) == (2, 0, 0)
    assert progress_of(session, other_id, [first])[first.id].stages == []
    assert progress_of(session, workspace_id, []) == {}
