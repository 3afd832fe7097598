import errno
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from storage import chunks, jobs
from storage.errors import LeaseLost
from storage.models import Chunk, Job
from tests.workers.factories import csv_import
from workers import leases
from workers.context import Context
from workers.leases import Assignment, HopelessError, NotNow


@pytest.fixture
def job_id(context: Context, workspace_id: int) -> UUID:
    return csv_import(context, workspace_id, "reviews", "a", ["1"])


@pytest.fixture
def chunk_id(context: Context, workspace_id: int, job_id: UUID) -> int:
    with context.sessions() as session:
        return chunks.pending_chunks(session, workspace_id, job_id)[0].id


def read(context: Context, chunk_id: int) -> Chunk:
    with context.sessions() as session:
        return session.get_one(Chunk, chunk_id)


def state(context: Context, job_id: UUID) -> tuple[str, str]:
    with context.sessions() as session:
        job = session.get_one(Job, job_id)
        return job.state, job.error


def failing(error: BaseException):
    def work(_assignment: Assignment) -> None:
        raise error

    return work


def done(assignment: Assignment) -> None:
    with assignment.context.sessions.begin() as session:
        wake = leases.finish(session, assignment)
    wake()


def due_now(context: Context, chunk_id: int) -> None:
    with context.sessions.begin() as session:
        session.get_one(Chunk, chunk_id).not_before = None


def test_finished_work_ends_the_job(context: Context, job_id: UUID, chunk_id: int) -> None:
    assert leases.work_on(context, chunk_id, done) is True
    assert state(context, job_id) == ("succeeded", "")
    assert leases.work_on(context, chunk_id, failing(AssertionError("claimed again"))) is False


def test_an_error_puts_the_chunk_back_with_growing_patience(
    context: Context, job_id: UUID, chunk_id: int
) -> None:
    waits = []
    for _ in range(3):
        leases.work_on(context, chunk_id, failing(RuntimeError("database is away")))
        chunk = read(context, chunk_id)
        assert (chunk.state, chunk.error) == ("pending", "RuntimeError: database is away")
        waits.append((chunk.not_before - datetime.now(UTC)).total_seconds())
        due_now(context, chunk_id)
    assert [round(wait) for wait in waits] == pytest.approx([2, 4, 8], abs=2)
    assert waits == sorted(waits)
    assert state(context, job_id)[0] == "running"


def test_after_the_last_attempt_the_chunk_is_quarantined_with_the_reason(
    context: Context, job_id: UUID, chunk_id: int
) -> None:
    context = replace(context, settings=replace(context.settings, max_attempts=2))
    for _ in range(2):
        leases.work_on(context, chunk_id, failing(RuntimeError("poison")))
        due_now(context, chunk_id)
    assert read(context, chunk_id).state == "quarantined"
    assert state(context, job_id) == ("failed", "RuntimeError: poison")


def test_a_chunk_that_kills_its_workers_is_given_up(context: Context, job_id: UUID, chunk_id: int) -> None:
    context = replace(context, settings=replace(context.settings, max_attempts=2))
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            leases.work_on(context, chunk_id, failing(KeyboardInterrupt()))
        with context.sessions.begin() as session:
            chunk = session.get_one(Chunk, chunk_id)
            assert chunk.state == "running"
            chunk.lease_until = chunk.created_at
    assert leases.work_on(context, chunk_id, failing(AssertionError("worked on again"))) is True
    assert state(context, job_id) == ("failed", "the worker died 2 times over this")


def test_hopeless_work_fails_at_once_and_a_retry_starts_afresh(
    context: Context, workspace_id: int, job_id: UUID, chunk_id: int
) -> None:
    leases.work_on(context, chunk_id, failing(HopelessError("第 3 行")))
    assert state(context, job_id) == ("failed", "第 3 行")
    with context.sessions.begin() as session:
        jobs.retry_job(session, workspace_id, job_id)
    leases.work_on(context, chunk_id, done)
    assert state(context, job_id) == ("succeeded", "")


def test_work_that_must_wait_counts_no_attempt(context: Context, chunk_id: int) -> None:
    leases.work_on(context, chunk_id, failing(NotNow("somebody else trains")))
    chunk = read(context, chunk_id)
    assert (chunk.state, chunk.attempts, chunk.error) == ("pending", 0, "")
    assert chunk.not_before > datetime.now(UTC)


def test_whoever_lost_the_lease_changes_nothing(context: Context, job_id: UUID, chunk_id: int) -> None:
    def overtaken(assignment: Assignment) -> None:
        with assignment.context.sessions.begin() as session:
            session.get_one(Chunk, chunk_id).leased_by = "somebody else"
        done(assignment)

    leases.work_on(context, chunk_id, overtaken)
    chunk = read(context, chunk_id)
    assert (chunk.state, chunk.leased_by) == ("running", "somebody else")
    assert state(context, job_id) == ("running", "")


def test_a_job_is_worked_on_by_its_id(context: Context, job_id: UUID) -> None:
    assert leases.work_on_job(context, job_id, done) is True
    assert leases.work_on_job(context, job_id, done) is False


def test_long_work_keeps_its_lease(context: Context, chunk_id: int) -> None:
    context = replace(context, settings=replace(context.settings, lease_seconds=1))
    seen = []

    def long(assignment: Assignment) -> None:
        until = time.monotonic() + 2.5
        while time.monotonic() < until:
            time.sleep(0.1)
            chunk = read(context, chunk_id)
            seen.append(chunk.lease_until > datetime.now(UTC))
        done(assignment)

    leases.work_on(context, chunk_id, long)
    assert all(seen)
    assert read(context, chunk_id).state == "done"
    assert "lease" not in {thread.name for thread in threading.enumerate()}


def test_the_sign_of_life_ends_when_the_lease_is_lost(context: Context) -> None:
    asked = []

    def renew(_session: object) -> None:
        asked.append(1)
        raise LeaseLost("gone")

    with leases.kept_alive(context, 0.1, renew):
        time.sleep(0.5)
    assert asked == [1]


def test_every_claim_has_a_name_of_its_own() -> None:
    assert leases.new_owner() != leases.new_owner()


def test_an_outage_counts_no_attempt(context: Context, chunk_id: int) -> None:
    for _ in range(context.settings.max_attempts + 1):
        leases.work_on(context, chunk_id, failing(OSError(errno.ENOSPC, "No space left on device")))
        chunk = read(context, chunk_id)
        assert (chunk.state, chunk.attempts, chunk.error) == ("pending", 0, "")
        due_now(context, chunk_id)
