"""The search for suspects as a stage of a job: it goes on where it was broken off."""

from __future__ import annotations

import time

from sqlalchemy.orm import Session

from storage import chunks, locks
from workers.leases import Assignment, NotNow, finish
from workers.suspects import Search

# What was marked is kept this often, so that progress is seen and a dead worker loses little.
KEEP_SECONDS = 0.5


def search_chunk(assignment: Assignment) -> None:
    """Mark the reviews of the products a job touched, and of those these bear upon.

    Raises
    ------
    NotNow
        Another search of the workspace is on.
    """
    workspace_id = assignment.workspace_id
    with locks.alone(assignment.context.sessions, f"suspects {workspace_id}") as session:
        if session is None:
            raise NotNow(f"another worker looks for suspects in workspace {workspace_id}")
        _search(session, assignment)
        wake = finish(session, assignment)
        session.commit()
    wake()


def _search(session: Session, assignment: Assignment) -> None:
    chunk = assignment.chunk
    given, marked_before, recorded = chunk.payload["suspects"], chunk.cursor, chunk.done
    search = Search(session, assignment.workspace_id, assignment.context.settings.timezone)
    kept = time.monotonic()

    def keep() -> None:
        nonlocal recorded, kept
        done, rows = marked_before + search.done, marked_before + search.rows
        cursor = min(marked_before + search.marked, len(given))
        chunks.note_products(session, assignment.lease, search.others)
        chunks.record(session, assignment.lease, done=done - recorded, rows=rows, cursor=cursor)
        session.commit()
        recorded, kept = done, time.monotonic()

    # Others that were found are marked anew: whether that had come to pass is not kept.
    for _ in search.steps([*given[marked_before:], *chunk.payload.get("product_ids", ())]):
        if time.monotonic() - kept >= KEEP_SECONDS:
            keep()
    keep()
