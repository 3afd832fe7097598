"""Stamps of rows: two equal stamps say that nothing about the rows has changed between them.

Each row version bears the number of the transaction that wrote it (`xmin`). Numbers only rise, so while the
count of rows is the same their sum rises with every change. Reading a stamp costs a look at each row, and
none of what making an answer of them costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Text, cast, literal_column, text
from sqlalchemy.orm import Session

from storage.errors import NotFound
from storage.models import Base

# As text, for building such statements costs more than running them.
_DAYS = text("""
    SELECT sold.n, sold.at, said.n, said.at FROM
        (SELECT count(*) AS n, sum(CAST(CAST(xmin AS text) AS bigint)) AS at FROM sales
         WHERE workspace_id = :workspace AND product_id = :product AND day BETWEEN :start AND :end) AS sold,
        (SELECT count(*) AS n, sum(CAST(CAST(xmin AS text) AS bigint)) AS at FROM daily_features
         WHERE workspace_id = :workspace AND product_id = :product AND day BETWEEN :start AND :end) AS said
""")
_RUN = text("""
    SELECT run.xmin, workspaces.data_version, backtests.xmin FROM forecast_runs AS run
    JOIN workspaces ON workspaces.id = run.workspace_id
    LEFT JOIN backtests ON backtests.model_id = run.model_id AND backtests.product_id = run.product_id
        AND backtests.workspace_id = :workspace
    WHERE run.id = :run AND run.workspace_id = :workspace
""")


def days_stamp(session: Session, workspace_id: int, product_id: int, start: date, end: date) -> str:
    """Return the stamp of a product's sales and features of some days."""
    which = {"workspace": workspace_id, "product": product_id, "start": start, "end": end}
    return _joined(session.execute(_DAYS, which).one())


def run_stamp(session: Session, workspace_id: int, run_id: UUID) -> str:
    """Return the stamp of a forecast, of the backtest it names, and of the data, by which it may be stale.

    Raises
    ------
    NotFound
    """
    found = session.execute(_RUN, {"workspace": workspace_id, "run": run_id}).one_or_none()
    if found is None:
        raise NotFound("forecast", run_id)
    return _joined(found)


def written(model: type[Base]) -> ColumnElement[int]:
    """Return the number of the transaction that wrote a row."""
    return cast(cast(literal_column(f"{model.__tablename__}.xmin"), Text), BigInteger)


def _joined(parts: Sequence[object]) -> str:
    return ".".join("" if part is None else str(part) for part in parts)
