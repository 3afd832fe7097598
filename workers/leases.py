"""Working on a leased chunk: a sign of life while it lasts, and a truthful end."""

from __future__ import annotations

import logging
import os
import socket
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from forecasting.frame import PanelError
from storage import chunks, jobs
from storage.chunks import Lease
from storage.errors import LeaseLost, NoData
from storage.models import Chunk, Job
from storage.outages import outage_of
from storage.tenancy import bind
from storage.wakeups import Wakeup, wakeups_of
from telemetry import logs, traces
from workers.context import Context
from workers.stages import Part, advance

log = logging.getLogger(__name__)

FIRST_RETRY_SECONDS = 2
# One text of many is looked for soon; a text alone gets all its attempts.
ATTEMPTS_BEFORE_CUTTING = 2
WAIT_SECONDS = 10


class HopelessError(Exception):
    """Trying again would end the same; the message is for the user."""


class NotNow(Exception):
    """Something else must be over first; the chunk or forecast waits, and no attempt is counted."""


@dataclass(frozen=True)
class Assignment:
    """A chunk this process holds, as it was when it was claimed."""

    context: Context
    lease: Lease
    chunk: Chunk
    job: Job

    @property
    def workspace_id(self) -> int:
        """The workspace all of it belongs to."""
        return self.chunk.workspace_id


Work = Callable[[Assignment], None]


def work_on(context: Context, chunk_id: int, work: Work) -> bool:
    """Claim a chunk and do its work; return whether there was anything to do.

    The work ends with `finish`, in its last transaction. Whatever it raises is written down:
    the chunk waits for another try, or is given up with the reason.
    """
    with context.sessions.begin() as session:
        owner = new_owner()
        chunk = chunks.claim(session, chunk_id, owner, context.settings.lease_seconds)
        if chunk is None:
            return False
        job = bind(session, chunk.workspace_id).get_one(Job, chunk.job_id)
    lease = Lease(chunk_id, owner, context.settings.lease_seconds)
    context = context.within(chunk.workspace_id)
    assignment = Assignment(context, lease, chunk, job)
    if chunk.attempts > _most_attempts(assignment):
        give_up(assignment, chunk.error or f"the worker died {chunk.attempts - 1} times over this")
        return True
    ids = {"job_id": str(job.id), "chunk_id": chunk_id}
    try:
        with (
            logs.bound(**ids),
            traces.span(context.settings.otlp_endpoint, chunk.stage, rows=chunk.rows, **ids),
            kept_alive(context, lease.seconds, lambda session: chunks.renew(session, lease)),
        ):
            work(assignment)
    except LeaseLost as error:
        log.info("%s", error)
    except NotNow as error:
        log.info("%s", error)
        _put_back(assignment, WAIT_SECONDS)
    except (HopelessError, NoData, PanelError) as error:
        give_up(assignment, str(error))
    except Exception as error:  # whatever it was, the chunk must not stay claimed
        if outage_of(error):
            log.warning("chunk %s waits for the end of an outage: %s", chunk_id, error)
            _put_back(assignment, WAIT_SECONDS)
        else:
            log.exception("chunk %s failed", chunk_id)
            _try_later(assignment, error)
    return True


def work_on_job(context: Context, job_id: UUID, work: Work) -> bool:
    """Do the work of the first chunk of a job that can be taken."""
    with context.sessions() as session:
        chunk_id = chunks.first_claimable(session, job_id)
    return chunk_id is not None and work_on(context, chunk_id, work)


def finish(session: Session, assignment: Assignment, added: Sequence[Wakeup] = ()) -> Callable[[], None]:
    """Mark the chunk done and move its job on; call the result after the commit, it wakes `added` too."""
    chunks.finish(session, assignment.lease)
    wakeups = [*added, *advance(session, assignment.context.settings, assignment.job)]
    return lambda: assignment.context.wake(wakeups)


def hand_out(session: Session, assignment: Assignment, parts: Iterable[Part]) -> Callable[[], None]:
    """Finish a chunk that planned its stage, with a chunk for each part; call the result after the commit."""
    job = jobs.lock_job(session, assignment.workspace_id, assignment.job.id)
    added = chunks.add_chunks(session, job.workspace_id, job.id, assignment.chunk.stage, parts)
    return finish(session, assignment, wakeups_of(added))


def give_up(assignment: Assignment, reason: str) -> None:
    """Quarantine what cannot be done and move the job on: of a chunk of texts only the text at fault."""
    from workers import poison

    try:
        with assignment.context.sessions.begin() as session:
            wakeups = poison.give_up(session, assignment, reason)
            if wakeups is None:
                chunks.quarantine(session, assignment.lease, reason)
                wakeups = advance(session, assignment.context.settings, assignment.job)
    except LeaseLost as error:
        log.info("%s", error)
        return
    assignment.context.wake(wakeups)


def reason_of(error: BaseException) -> str:
    """Say for a user what went wrong."""
    if isinstance(error, SoftTimeLimitExceeded):
        return "超过时限仍未完成 / it took longer than its time limit"
    return f"{type(error).__name__}: {error}"


@contextmanager
def kept_alive(context: Context, seconds: int, renew: Callable[[Session], None]) -> Iterator[None]:
    """Renew a lease from a thread of its own, three times within its length."""
    stop = threading.Event()

    def keep() -> None:
        while not stop.wait(seconds / 3):
            try:
                with context.sessions.begin() as session:
                    renew(session)
            except LeaseLost:
                return
            except SQLAlchemyError as error:
                log.warning("lease not renewed: %s", error)

    thread = threading.Thread(target=keep, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def new_owner() -> str:
    """Name this claim: host, process and a number of its own."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def _most_attempts(assignment: Assignment) -> int:
    from workers import poison

    most = assignment.context.settings.max_attempts
    return min(most, ATTEMPTS_BEFORE_CUTTING) if poison.is_divisible(assignment.chunk) else most


def _try_later(assignment: Assignment, error: BaseException) -> None:
    reason = reason_of(error)
    if assignment.chunk.attempts >= _most_attempts(assignment):
        give_up(assignment, reason)
        return
    _put_back(assignment, FIRST_RETRY_SECONDS**assignment.chunk.attempts, reason)


def _put_back(assignment: Assignment, delay_seconds: int, error: str = "") -> None:
    try:
        with assignment.context.sessions.begin() as session:
            chunks.put_back(session, assignment.lease, delay_seconds=delay_seconds, error=error)
    except LeaseLost as lost:
        log.info("%s", lost)
    except SQLAlchemyError as away:
        log.warning("not put back, its lease will run out: %s", away)
