"""Whole days of features, made anew from all of a product's scored reviews."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy.orm import Session

from nlp.aggregate import FEATURE_VERSION, daily_features
from storage import chunks, features, reviews, sales
from storage.overview import data_cutoff
from workers.leases import Assignment, finish
from workers.pace import portions

AT_ONCE = 100
READS_ORDERS = ("import_orders", "undo")


def rebuild_daily(assignment: Assignment) -> None:
    """Make the days of a chunk's products anew; after orders, their sales too. What was done stays done."""
    todo = assignment.chunk.payload["daily"][assignment.chunk.done :]
    for portion in portions(todo, AT_ONCE):
        with assignment.context.sessions.begin() as session:
            if assignment.job.kind in READS_ORDERS:
                sales.rebuild_from_orders(session, assignment.workspace_id, portion)
            rebuild(session, assignment.workspace_id, portion)
            chunks.record(session, assignment.lease, done=len(portion))
    with assignment.context.sessions.begin() as session:
        wake = finish(session, assignment)
    wake()


def rebuild(session: Session, workspace_id: int, product_ids: Collection[int]) -> int:
    """Replace the features of some products; return how many days were written."""
    frame = reviews.review_frame(session, workspace_id, product_ids)
    features.clear_daily(session, workspace_id, product_ids)
    if frame.empty:
        return 0
    made = daily_features(frame, end=last_known_day(session, workspace_id))
    return features.upsert_daily(session, workspace_id, made, FEATURE_VERSION)


def rebuild_behind(session: Session, workspace_id: int, size: int) -> int:
    """Bring features up to the last day of the data, products that lag only; return how many."""
    day = last_known_day(session, workspace_id)
    lagging: Sequence[int] = features.products_behind(session, workspace_id, day) if day else []
    for start in range(0, len(lagging), size):
        rebuild(session, workspace_id, lagging[start : start + size])
    return len(lagging)


def last_known_day(session: Session, workspace_id: int) -> date | None:
    """Return the last day with a review or with sales."""
    cutoff = data_cutoff(session, workspace_id)
    return max((day for day in (cutoff.reviews, cutoff.sales) if day), default=None)
