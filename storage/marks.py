"""The calendar's marked days, kept for the charts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storage.models import MarkedDay


def marked_days(session: Session, start: date, end: date) -> list[MarkedDay]:
    """Return the marked days of a span, both ends included, in order."""
    query = select(MarkedDay).where(MarkedDay.day.between(start, end))
    return list(session.scalars(query.order_by(MarkedDay.day, MarkedDay.name_zh)))


def replace_marks(session: Session, start: date, end: date, marks: Iterable[Mapping[str, Any]]) -> int:
    """Keep these marks (day, name_zh, name_en, kind) for the span instead of the old ones."""
    session.execute(delete(MarkedDay).where(MarkedDay.day.between(start, end)))
    rows = [dict(mark) for mark in marks]
    if rows:
        session.execute(insert(MarkedDay).on_conflict_do_nothing(), rows)
    return len(rows)
