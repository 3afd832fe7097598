"""What passes by itself: a database that is away, overrun or read-only, and a disk that is full."""

from __future__ import annotations

import errno
from typing import Literal

import psycopg
from sqlalchemy.exc import DBAPIError

Outage = Literal["away", "full", "read_only"]

# PostgreSQL's SQLSTATE → what it means for those who wait.
STATES: dict[str, Outage] = {
    "25006": "read_only",  # read only transaction
    "40001": "away",  # serialization failure
    "40P01": "away",  # deadlock
    "53100": "full",  # disk full
    "53300": "away",  # too many connections
    "55P03": "away",  # others held a lock for too long
    "57P01": "away",  # shut down by an administrator
    "57P02": "away",  # crashed
    "57P03": "away",  # starting
    "58030": "full",  # input or output failed
}
ERRNOS: dict[int, Outage] = {errno.ENOSPC: "full", errno.EDQUOT: "full", errno.EROFS: "read_only"}


def outage_of(error: BaseException) -> Outage | None:
    """Return which outage an error tells of; None when trying again later would not help.

    Parameters
    ----------
    error
        Of the database (`sqlalchemy.exc.DBAPIError`) or of a file (`OSError`).
    """
    if isinstance(error, OSError):
        return ERRNOS.get(error.errno or 0)
    if not isinstance(error, DBAPIError):
        return None
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return "away" if state.startswith("08") else STATES.get(state)
    lost = isinstance(error.orig, psycopg.OperationalError)  # no connection: no state either
    return "away" if lost or error.connection_invalidated else None
