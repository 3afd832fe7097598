from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from storage import chunks, jobs
from storage.chunks import Lease
from storage.errors import LeaseLost
from storage.models import Chunk, Job
from tests.storage.factories import make_import, make_workspace


@pytest.fixture
def job(session: Session, workspace_id: int) -> Job:
    return make_import(session, workspace_id, total=10)


@pytest.fixture
def chunk(session: Session, job: Job) -> Chunk:
    return chunks.pending_chunks(session, job.workspace_id, job.id)[0]


def lease_of(session: Session, chunk: Chunk, owner: str = "me") -> Lease:
    assert chunks.claim(session, chunk.id, owner, 60) is not None
    return Lease(chunk.id, owner, 60)


def expire(session: Session, chunk: Chunk) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    session.execute(update(Chunk).where(Chunk.id == chunk.id).values(lease_until=past))


def test_claiming_starts_the_job_and_excludes_others(session: Session, job: Job, chunk: Chunk) -> None:
    claimed = chunks.claim(session, chunk.id, "me", 60)
    assert (claimed.state, claimed.leased_by, claimed.attempts) == ("running", "me", 1)
    assert claimed.lease_until > datetime.now(UTC) + timedelta(seconds=30)
    session.refresh(job)
    assert job.state == "running"
    assert job.started_at is not None
    assert chunks.claim(session, chunk.id, "you", 60) is None
    assert chunks.first_claimable(session, job.id) is None


def test_a_silent_workers_chunk_goes_to_another_who_alone_may_write(session: Session, chunk: Chunk) -> None:
    old = lease_of(session, chunk)
    expire(session, chunk)
    new = lease_of(session, chunk, "you")
    with pytest.raises(LeaseLost, match="me"):
        chunks.record(session, old, done=5)
    with pytest.raises(LeaseLost):
        chunks.finish(session, old)
    chunks.record(session, new, done=3)
    assert (chunk.done, chunk.attempts) == (3, 1)


def test_progress_is_counted_and_forgives_attempts(session: Session, chunk: Chunk) -> None:
    lease_of(session, chunk, "first")
    expire(session, chunk)
    lease = lease_of(session, chunk)
    assert chunk.attempts == 2
    chunks.record(session, lease, done=4, failed=1, duplicates=2, cursor=5)
    chunks.record(session, lease, done=1, cursor=6, rows=6)
    assert (chunk.done, chunk.failed, chunk.duplicates, chunk.cursor, chunk.rows) == (5, 1, 2, 6, 6)
    assert chunk.attempts == 1


def test_renewing_lengthens_the_lease(session: Session, chunk: Chunk) -> None:
    lease = lease_of(session, chunk)
    expire(session, chunk)
    chunks.renew(session, lease)
    assert chunk.lease_until > datetime.now(UTC)


def test_a_cancelled_jobs_worker_loses_its_lease(session: Session, job: Job, chunk: Chunk) -> None:
    lease = lease_of(session, chunk)
    jobs.cancel_job(session, job.workspace_id, job.id)
    with pytest.raises(LeaseLost):
        chunks.record(session, lease, done=1)
    assert chunks.claim(session, chunk.id, "you", 60) is None


def test_a_chunk_put_back_with_an_error_waits_and_counts_the_attempt(session: Session, chunk: Chunk) -> None:
    lease = lease_of(session, chunk)
    chunks.put_back(session, lease, delay_seconds=30, error="x" * 5000)
    assert (chunk.state, chunk.attempts, len(chunk.error)) == ("pending", 1, 2000)
    assert chunks.claim(session, chunk.id, "you", 60) is None
    assert chunks.pending_chunks(session, chunk.workspace_id, chunk.job_id) == []


def test_a_chunk_that_steps_aside_counts_no_attempt(session: Session, chunk: Chunk) -> None:
    lease = lease_of(session, chunk)
    chunks.put_back(session, lease)
    assert chunk.attempts == 0
    assert chunks.claim(session, chunk.id, "you", 60) is not None


def test_postponing_touches_only_waiting_chunks(session: Session, chunk: Chunk) -> None:
    chunks.postpone(session, chunk.id, 60)
    assert chunks.claim(session, chunk.id, "me", 60) is None


def test_a_quarantined_chunk_is_out_of_reach_and_says_why(session: Session, job: Job, chunk: Chunk) -> None:
    chunks.quarantine(session, lease_of(session, chunk), "line 3 is broken")
    assert chunks.claim(session, chunk.id, "you", 60) is None
    assert chunks.first_error(session, job.id) == "line 3 is broken"
    assert chunks.stages_with(session, job.id, ["import"], ["quarantined"]) == ["import"]
    assert chunks.stages_with(session, job.id, ["score", "import"]) == ["import"]
    assert chunks.stages_with(session, job.id, ["import"], ["pending", "running"]) == []


def test_touched_products_are_gathered_from_all_chunks(session: Session, job: Job, chunk: Chunk) -> None:
    lease = lease_of(session, chunk)
    chunks.note_products(session, lease, {3, 1})
    chunks.note_products(session, lease, {1})
    chunks.note_products(session, lease, set())
    chunks.add_chunks(
        session, job.workspace_id, job.id, "score", [(2, {"product_ids": [7, 3]}), (1, {"x": 1})]
    )
    assert chunks.touched_products(session, job.id) == [1, 3, 7]


def test_the_sweep_sees_what_nobody_works_on(session: Session, job: Job, chunk: Chunk) -> None:
    def waiting(*stages: str) -> list[int]:
        return [found.id for found in chunks.waiting_chunks(session, stages) if found.job_id == job.id]

    assert waiting("import", "score") == [chunk.id]
    assert waiting("train") == []
    lease_of(session, chunk)
    assert waiting("import") == []
    expire(session, chunk)
    assert waiting("import") == [chunk.id]
    jobs.cancel_job(session, job.workspace_id, job.id)
    assert waiting("import") == []


def test_only_waiting_chunks_of_other_jobs_count_as_others(
    session: Session, job: Job, chunk: Chunk, workspace_id: int
) -> None:
    session.execute(update(Chunk).where(Chunk.id != chunk.id).values(state="done"))
    assert not chunks.others_wait(session, job.id, ["import"])
    make_import(session, workspace_id, total=1)
    assert chunks.others_wait(session, job.id, ["import"])
    assert not chunks.others_wait(session, job.id, ["train"])


def test_two_workers_at_once_get_one_chunk_between_them(engine: Engine) -> None:
    with Session(engine, expire_on_commit=False) as session:
        workspace = make_workspace(session)
        job = make_import(session, workspace.id)
        chunk_id = chunks.pending_chunks(session, workspace.id, job.id)[0].id
        session.commit()
    with Session(engine) as first, Session(engine) as second:
        # The first has claimed but not committed: the second must not wait for it, nor share it.
        assert chunks.claim(first, chunk_id, "first", 60) is not None
        assert chunks.claim(second, chunk_id, "second", 60) is None
        first.commit()
        assert chunks.claim(second, chunk_id, "second", 60) is None
    with Session(engine) as session:
        session.delete(session.get_one(type(workspace), workspace.id))
        session.commit()
