"""A worker that is asked to stop has ended or returned its chunk within ten seconds."""

import time
from uuid import UUID

import pytest
from sqlalchemy import select

from storage import accounts, jobs
from storage.models import Chunk
from tests.faults.house import WORKERS, House
from tests.faults.worker import SLOW

pytestmark = [pytest.mark.functional, pytest.mark.timeout(600)]

STOP_SECONDS = 10


def chunk_of(house: House, job_id: UUID) -> Chunk:
    with house.sessions() as session:
        return session.scalars(select(Chunk).where(Chunk.job_id == job_id)).one()


def worker_of(house: House, chunk: Chunk) -> str:
    pid = int(chunk.leased_by.split(":")[1])
    return next(name for name in WORKERS if pid in house.family(name))


def ask_and_time(house: House, job_id: UUID) -> float:
    """Ask the worker that has the job to stop; return after how many seconds it was gone."""
    house.until(lambda: chunk_of(house, job_id).state == "running", "a worker at work")
    name = worker_of(house, chunk_of(house, job_id))
    process, asked = house.processes.children[name], time.monotonic()
    house.ask_to_stop(name)
    house.until(lambda: process.poll() is not None, "the end of the worker", 30)
    return time.monotonic() - asked


def analyse(house: House, seconds: int) -> UUID:
    """Write down a job that lasts so long; the sweep finds it."""
    texts = [f"{SLOW}送达"] * seconds
    with house.sessions.begin() as session:
        workspace = accounts.create_workspace(session, f"{seconds} seconds")
        return jobs.create_job(session, workspace.id, "analyze", params={"texts": texts}).id


def test_a_long_chunk_is_returned_and_done_by_another(strict_house: House) -> None:
    job_id = analyse(strict_house, 12)
    assert ask_and_time(strict_house, job_id) < STOP_SECONDS
    chunk = chunk_of(strict_house, job_id)
    taken_again = chunk.state == "running" and chunk.attempts == 1
    assert taken_again or (chunk.state, chunk.attempts, chunk.leased_by) == ("pending", 0, "")
    strict_house.until(lambda: strict_house.ended(job_id), "the end of the job")
    assert strict_house.progress(job_id)[0] == "succeeded"
    assert chunk_of(strict_house, job_id).attempts == 1, "the attempt that was broken off counted"


def test_a_short_chunk_is_finished_first(strict_house: House) -> None:
    job_id = analyse(strict_house, 3)
    assert ask_and_time(strict_house, job_id) < STOP_SECONDS
    chunk = chunk_of(strict_house, job_id)
    assert (chunk.state, chunk.attempts) == ("done", 1)
