"""An import is undone batch by batch; each is committed with what it counted and what must follow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from uuid import UUID

from sqlalchemy.orm import Session

from storage import chunks, jobs, undo
from storage.models import Chunk
from storage.wakeups import Wakeup, wakeups_of
from workers.leases import Assignment, finish
from workers.stages import describe_parts

BATCH = 5000


def undo_chunk(assignment: Assignment, batch: int = BATCH) -> None:
    """Take back what the import brought in that the job names.

    Raises
    ------
    LeaseLost
        The job was cancelled, or another worker took over.
    """
    undone = UUID(assignment.job.params["undoes"])
    while True:
        with assignment.context.sessions.begin() as session:
            step = undo.take_back(session, assignment.workspace_id, undone, batch)
            wakeups = _note(session, assignment, step)
            wake = None if step.rows else _end(session, assignment)
        assignment.context.wake(wakeups)
        if wake is not None:
            wake()
            return


def _note(session: Session, assignment: Assignment, step: undo.Step) -> list[Wakeup]:
    """Count a step in the job's receipt, and ask for what follows from it."""
    job = jobs.lock_job(session, assignment.workspace_id, assignment.job.id)
    job.result = dict(Counter(job.result or {}) + Counter(step.counts))
    chunks.note_products(session, assignment.lease, step.touched)
    parts = describe_parts(step.unread, assignment.context.settings.score_chunk_rows)
    added = chunks.add_chunks(session, job.workspace_id, job.id, "score", parts)
    chunks.record(session, assignment.lease, done=step.rows)
    return wakeups_of(added)


def _end(session: Session, assignment: Assignment) -> Callable[[], None]:
    """Leave products that went out of what follows, and let the count of rows be what it came to."""
    chunk = session.get_one(Chunk, assignment.lease.chunk_id)
    left = undo.existing(session, assignment.workspace_id, chunk.payload.get("product_ids", []))
    chunks.note(session, assignment.lease, product_ids=left)
    chunks.record(session, assignment.lease, rows=chunk.done)
    return finish(session, assignment)
