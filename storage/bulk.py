"""COPY into a temporary table: the fast way in, before a checked INSERT from there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

from psycopg import Connection as Psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import Table, text
from sqlalchemy.orm import Session

from storage.models import Base

PLAIN = {type(None), int, float, bool, date, datetime}
"""Types that need no second look, which most values have."""


def stage(
    session: Session, model: type[Base], columns: Sequence[str], rows: Iterable[Mapping[str, Any]]
) -> str:
    """Copy rows into an empty temporary table shaped like the model's.

    Parameters
    ----------
    model
        Its table lends the column types; constraints are left behind.
    columns
        Which columns are copied; a row that lacks one gives NULL.
    rows
        Mappings of column to value; dicts go into JSONB columns.

    Returns
    -------
    str
        Name of the temporary table; it has an extra column `ordinal`, the row's place from 1.
    """
    table = cast(Table, model.__table__)
    name = f"stage_{table.name}"
    listed = ", ".join(f'"{column}"' for column in columns)
    empty = f"SELECT {listed}, 0 AS ordinal FROM {table.name} WITH NO DATA"  # noqa: S608  (names are our own)
    session.execute(text(f"DROP TABLE IF EXISTS pg_temp.{name}"))
    session.execute(text(f"CREATE TEMP TABLE {name} ON COMMIT DROP AS {empty}"))
    connection = cast("Psycopg[Any]", session.connection().connection.dbapi_connection)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {name} ({listed}, ordinal) FROM STDIN") as copy,
    ):
        for ordinal, row in enumerate(rows, 1):
            values = [
                v if type(v) in PLAIN else storable(v) if isinstance(v, str) else _plain(v)
                for v in map(row.get, columns)
            ]
            values.append(ordinal)
            copy.write_row(values)
    return name


def _plain(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, dict) else value


def storable(text: str) -> str:
    """Drop what PostgreSQL cannot hold: NUL characters and halves of surrogate pairs."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "ignore").decode("utf-8")
    return text


def storable_data(value: Any) -> Any:
    """Clean every text inside plain JSON data."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {storable_data(key): storable_data(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [storable_data(part) for part in value]
    return value
