"""The tables of the months: the next one is there in time, and what nobody keeps any more is dropped."""

from __future__ import annotations

import logging
from datetime import date, datetime

from sqlalchemy.exc import OperationalError

from storage import audit, months
from workers.context import Context

log = logging.getLogger(__name__)


def keep_months(context: Context, now: datetime) -> None:
    """Make this month and the next; drop every other one that no workspace keeps, each by itself."""
    this = now.date().replace(day=1)
    needed = [this, months.next_month(this)]
    months.prepare(context.sessions.begin, needed)
    with context.sessions() as session:
        there = months.existing(session)
    for month in there:
        if month not in needed:
            _drop(context, month, now)


def _drop(context: Context, month: date, now: datetime) -> None:
    try:
        with context.sessions.begin() as session:
            gone = months.drop_unkept(session, month, now.date())
            for workspace_id, count in gone.items():
                actor = audit.Actor("retention")
                audit.record(session, workspace_id, actor, "retention", after={"reviews": count})
    except OperationalError as error:
        if not months.is_busy(error):
            raise
        log.info("the reviews of %s are being read, they go another night", f"{month:%Y-%m}")
