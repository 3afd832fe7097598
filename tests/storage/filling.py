"""Rows for every table there is, made from its columns alone, so that a new table is filled too."""

import datetime as dt
import re
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Connection, Table, insert, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

from storage import months
from storage.models import Base

ROWS = 3
TABLES = """
    SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
    AND relnamespace = CAST('public' AS regnamespace) AND relname <> 'alembic_version'
"""


def fill(connection: Connection) -> None:
    """Put rows into every table: of the first every column is NULL that may be, the rest have all of them."""
    with Session(connection) as session:
        months.make(session, [dt.date(2026, 11, 1)])
    keys: dict[str, list[dict[str, Any]]] = {}
    for table in Base.metadata.sorted_tables:
        made = []
        for n in range(ROWS):
            row = {
                column.name: _value(column, n, keys)
                for column in table.columns
                if column.identity is None and column.computed is None
            }
            made.append(dict(connection.execute(insert(table).values(row).returning(table)).one()._mapping))
        keys[table.name] = made


def contents(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Return all rows of all tables."""
    names = connection.scalars(text(TABLES)).all()
    rows = {name: connection.scalars(text(f'SELECT to_jsonb(t) FROM "{name}" t')).all() for name in names}
    return {name: sorted(found, key=repr) for name, found in rows.items()}


def lost(before: dict[str, list[dict[str, Any]]], after: dict[str, list[dict[str, Any]]]) -> set[str]:
    """Return the tables of both of which rows are missing afterwards, by the columns of both."""
    missing = set()
    for name in before.keys() & after.keys():
        if not before[name]:
            continue
        shared = before[name][0].keys() & (after[name][0].keys() if after[name] else set())
        cut = [[{key: row[key] for key in shared} for row in rows] for rows in (before[name], after[name])]
        if any(row not in cut[1] for row in cut[0]) or len(cut[0]) > len(cut[1]):
            missing.add(name)
    return missing


def _value(column: Column[Any], n: int, keys: dict[str, list[dict[str, Any]]]) -> Any:
    for key in column.foreign_keys:
        return None if column.nullable and n == 0 else keys[key.column.table.name][n][key.column.name]
    if column.nullable and n == 0:
        return None
    if allowed := _allowed(column.table, column.name):
        return allowed[-1 - n % len(allowed)]  # the newest first: older revisions know them least
    return _made_up(column, n)


def _made_up(column: Column[Any], n: int) -> Any:
    kind = column.type
    if isinstance(kind, JSONB):
        return {"第": n}
    if isinstance(kind, ARRAY):
        return [_of(kind.item_type.python_type, column.name, n)]
    return _of(kind.python_type, column.name, n)


def _of(kind: type, name: str, n: int) -> Any:
    made = {
        str: f"{name} {n} 很好",
        int: n + 1,
        float: n + 0.5,
        bool: bool(n % 2),
        bytes: bytes([n]),
        dt.date: dt.date(2026, 11, n + 1),
        dt.datetime: dt.datetime(2026, 11, n + 1, 9, 30, tzinfo=dt.UTC),
        UUID: UUID(int=n + 1),
    }
    return made[kind] if kind in made else n + 1


def _allowed(table: Table, column: str) -> list[str]:
    """Return the words that a check allows in a column."""
    for constraint in table.constraints:
        if isinstance(constraint, CheckConstraint):
            found = re.fullmatch(rf"{column} IN \((.*)\)", str(constraint.sqltext))
            if found:
                return re.findall(r"'([^']*)'", found.group(1))
    return []
