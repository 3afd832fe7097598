"""How far a training is: written for the job's page, without pretending that anything is kept."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from storage import chunks, jobs
from storage.chunks import Lease
from storage.errors import LeaseLost
from storage.models import Chunk, Job
from workers import telling
from workers.context import Context
from workers.leases import Assignment
from workers.telling import Telling


@pytest.fixture
def assignment(context: Context, workspace_id: int) -> Assignment:
    with context.sessions.begin() as session:
        job = jobs.create_job(session, workspace_id, "train")
        [first] = session.scalars(select(Chunk).where(Chunk.job_id == job.id))
        chunk = chunks.claim(session, first.id, "me", 60)
        assert chunk is not None
        return Assignment(context, Lease(chunk.id, "me", 60), chunk, session.get_one(Job, job.id))


def shown(assignment: Assignment) -> tuple[int, int, int]:
    with assignment.context.sessions() as session:
        chunk = session.get_one(Chunk, assignment.chunk.id)
        return chunk.done, chunk.rows, chunk.attempts


def test_steps_are_written_and_a_second_count_follows_the_first(assignment: Assignment) -> None:
    told = Telling(assignment)
    told(0, 4)
    assert shown(assignment) == (0, 4, 1)
    told(4, 4)
    told(0, 10)
    assert shown(assignment) == (4, 14, 1)
    told(10, 10)
    told.end()
    assert shown(assignment) == (14, 14, 1)


def test_not_every_step_is_a_write(assignment: Assignment, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(telling.time, "monotonic", lambda: clock[0])
    told = Telling(assignment)
    for done in range(3):
        told(done, 100)
    assert shown(assignment)[0] == 0
    clock[0] = telling.SECONDS
    told(3, 100)
    assert shown(assignment)[0] == 3


def test_where_nothing_was_learned_the_stage_is_through(assignment: Assignment) -> None:
    Telling(assignment).end()
    assert shown(assignment)[:2] == (1, 1)


def test_a_job_that_was_cancelled_ends_the_training(assignment: Assignment) -> None:
    with assignment.context.sessions.begin() as session:
        jobs.cancel_job(session, assignment.workspace_id, UUID(str(assignment.job.id)))
    with pytest.raises(LeaseLost):
        Telling(assignment)(0, 4)


def test_a_database_that_is_away_does_not_end_it(
    assignment: Assignment, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    from sqlalchemy.exc import OperationalError

    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("", {}, Exception("away"))

    monkeypatch.setattr(telling.chunks, "show", away)
    Telling(assignment)(0, 4)
    assert "progress not written" in caplog.text
