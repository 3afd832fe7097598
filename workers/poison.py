"""Texts that the analyser cannot read: found by cutting their chunk up, put aside one by one."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

import ingest
from ingest.rows import shown
from storage import chunks, jobs, products, reviews
from storage.errors import NotFound
from storage.models import Chunk
from storage.wakeups import Wakeup, wakeups_of
from workers.imports import items_of
from workers.leases import Assignment, HopelessError
from workers.stages import Part, advance

PARTS = 16
# So many rows of a job may be put aside, and one in a hundred: beyond that the analyser is at fault.
MOST_LOST = 20
IDS = ("review_ids", "describe")


def is_divisible(chunk: Chunk) -> bool:
    """Tell whether a chunk reads more than one text."""
    return len(_ids(chunk)[1]) > 1


def give_up(session: Session, assignment: Assignment, reason: str) -> list[Wakeup] | None:
    """Cut the chunk into smaller ones, or put its only row aside; None when it is no chunk of texts.

    None as well when the row is not there (any more), and when the job lost so many rows already that the
    rows cannot be to blame.
    """
    name, ids = _ids(assignment.chunk)
    lost, rows = chunks.rows_lost(session, assignment.job.id, "score")
    if not ids or lost >= MOST_LOST + rows // 100:
        return None
    if len(ids) > 1:
        return wakeups_of(chunks.split(session, assignment.lease, _cut(name, ids)))
    try:
        _put_aside(session, assignment, name, ids[0], reason)
    except NotFound:  # it was deleted meanwhile
        return None
    chunks.record(session, assignment.lease, failed=1)
    chunks.finish(session, assignment.lease)
    return advance(session, assignment.context.settings, assignment.job)


def _put_aside(session: Session, assignment: Assignment, name: str, id: int, reason: str) -> None:
    workspace_id, version = assignment.workspace_id, assignment.chunk.payload.get("reader")
    row: Any
    if name == "review_ids":
        row = reviews.get_review(session, workspace_id, id)
        key, column, text, stamp = "review_id", "text", row.text, reviews.set_aside
    else:
        row = products.get_product(session, workspace_id, id)
        key, column, text, stamp = "product_id", "title", row.title, products.set_aside_product
    refusal = {
        "line": _line(assignment, key, row.external_id),
        "column": column,
        "value": shown(text),
        "code": f"not_analysed:{reason}",
    }
    jobs.add_refusals(session, workspace_id, assignment.job.id, [refusal])
    if version:
        stamp(session, workspace_id, id, version)


def _line(assignment: Assignment, key: str, external_id: str) -> int:
    """Return the line of the job's file that holds a row; 0 when there is no such line (any more)."""
    if assignment.job.upload is None:
        return 0
    try:
        found = (item for item in items_of(assignment) if isinstance(item, ingest.Row))
        return next((row.line for row in found if row.values[key] == external_id), 0)
    except (HopelessError, ingest.IngestError):
        return 0


def _cut(name: str, ids: list[int]) -> list[Part]:
    size = -(-len(ids) // PARTS)
    pieces = [ids[start : start + size] for start in range(0, len(ids), size)]
    return [(len(piece), {name: piece}) for piece in pieces]


def _ids(chunk: Chunk) -> tuple[str, list[int]]:
    """Return what the ids of a chunk of texts are called in its payload, and the ids."""
    return next(((name, chunk.payload[name]) for name in IDS if name in chunk.payload), ("", []))
