"""Reviews lie in a table a month: made before the first row comes in, dropped when nobody keeps it."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import date

from psycopg.errors import LockNotAvailable
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from storage.locks import hold

FIRST, END = date(2010, 1, 1), date(2040, 1, 1)
"""What lies before and after is in one table each, so that a file of wrong dates makes 360 months at most."""
LOCK = "months of reviews"
WAIT = "500ms"
PATIENCE = 20.0
_NAME = re.compile(r"reviews_(\d{4})_(\d{2})")

Begin = Callable[[], AbstractContextManager[Session]]


def prepare(begin: Begin, days: Iterable[date], patience: float = PATIENCE) -> None:
    """Make the months of some days in a short transaction of its own, before their rows are put in.

    A new table waits for everyone who writes to products, and makes others wait behind it: it
    gives way after half a second and tries again.

    Parameters
    ----------
    begin
        Opens a session in a transaction that is committed at the end.
    days
        Days of arrival.
    patience
        Seconds after which the last try fails.
    """
    wanted, deadline = _months(days), time.monotonic() + patience
    while True:
        try:
            with begin() as session:
                if missing(session, wanted):
                    session.execute(text(f"SET LOCAL lock_timeout = '{WAIT}'"))
                    make(session, wanted)
            return
        except OperationalError as error:
            if not is_busy(error) or time.monotonic() > deadline:
                raise
        time.sleep(random.uniform(0.05, 0.2))  # noqa: S311  (two workers must not meet again)


def make(session: Session, days: Iterable[date]) -> None:
    """Make the months of some days that are not there, within the session's transaction."""
    wanted = _months(days)
    if not missing(session, wanted):
        return
    hold(session, LOCK)
    for month in missing(session, wanted):  # asked again: another worker may have made some
        name, span = name_of(month), f"FROM ('{month}') TO ('{next_month(month)}')"
        session.execute(text(f"CREATE TABLE {name} (LIKE reviews INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"))
        session.execute(text(f"ALTER TABLE reviews ATTACH PARTITION {name} FOR VALUES {span}"))


def missing(session: Session, days: Iterable[date]) -> list[date]:
    """Return the first days of those months that have no table yet."""
    wanted = _months(days)
    if not wanted:
        return []
    there = set(existing(session))
    return [month for month in wanted if month not in there]


def existing(session: Session) -> list[date]:
    """Return the first days of the months that have a table."""
    names = session.scalars(
        text("""
        SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = CAST('reviews' AS regclass)
        """)
    )
    found = [_NAME.fullmatch(name) for name in names]
    return sorted(date(int(match[1]), int(match[2]), 1) for match in found if match)


def is_busy(error: OperationalError) -> bool:
    """Tell whether a statement gave way because others held a lock for too long."""
    return isinstance(error.orig, LockNotAvailable)


def name_of(month: date) -> str:
    """Return the name of a month's table."""
    return f"reviews_{month:%Y_%m}"


def next_month(month: date) -> date:
    """Return the first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def drop_unkept(session: Session, month: date, today: date) -> dict[int, int]:
    """Drop a month's table when no workspace keeps any of its rows.

    Parameters
    ----------
    today
        Day from which the workspaces' retention counts back.

    Returns
    -------
    dict of int to int
        Workspace to how many of its reviews went.

    Raises
    ------
    OperationalError
        Others read reviews for longer than half a second (`is_busy`): they are not made to wait for it.
    """
    name = name_of(month)
    if _is_kept(session, name, today):
        return {}
    session.execute(text(f"SET LOCAL lock_timeout = '{WAIT}'"))
    session.execute(text(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE"))
    if _is_kept(session, name, today):
        return {}
    counted = text(f"SELECT workspace_id, count(*) FROM {name} GROUP BY workspace_id")  # noqa: S608
    gone = {row[0]: row[1] for row in session.execute(counted)}
    session.execute(
        text(f"""
        DELETE FROM review_keys AS known USING {name} AS gone WHERE known.workspace_id = gone.workspace_id
            AND known.source = gone.source AND known.external_id = gone.external_id
        """)  # noqa: S608  (names are our own)
    )
    session.execute(text(f"DROP TABLE {name}"))
    return gone


def _is_kept(session: Session, name: str, today: date) -> bool:
    query = f"""
        SELECT EXISTS (SELECT FROM workspaces AS owner CROSS JOIN LATERAL (
            SELECT FROM {name} AS review WHERE review.workspace_id = owner.id AND review.day >= COALESCE(
                CAST(:today AS date) - CAST(owner.retention ->> 'reviews' AS integer), '-infinity')
            LIMIT 1) AS kept)
    """  # noqa: S608  (names are our own)
    return bool(session.scalar(text(query), {"today": today}))


def _months(days: Iterable[date]) -> list[date]:
    return sorted({date(day.year, day.month, 1) for day in days if FIRST <= day < END})
