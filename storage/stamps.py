"""Stamps of rows: two equal stamps say that nothing about the rows has changed between them.

Each row version bears the number of the transaction that wrote it (`xmin`). Numbers only rise, so while the
count of rows is the same their sum rises with every change. Reading a stamp costs a look at each row, and
none of what making an answer of them costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Text, cast, func, literal_column, select
from sqlalchemy.orm import Session

from storage.errors import NotFound
from storage.models import Backtest, Base, DailyFeature, ForecastRun, Sale, Workspace


def days_stamp(session: Session, workspace_id: int, product_id: int, start: date, end: date) -> str:
    """Return the stamp of a product's sales and features of some days."""
    parts = [
        select(func.concat_ws(".", func.count(), func.sum(written(model))))
        .where(
            model.workspace_id == workspace_id, model.product_id == product_id, model.day.between(start, end)
        )
        .scalar_subquery()
        for model in (Sale, DailyFeature)
    ]
    return _joined(session.execute(select(*parts)).one())


def run_stamp(session: Session, workspace_id: int, run_id: UUID) -> str:
    """Return the stamp of a forecast, of the backtest it names, and of the data, by which it may be stale.

    Raises
    ------
    NotFound
    """
    found = session.execute(
        select(written(ForecastRun), Workspace.data_version, written(Backtest))
        .select_from(ForecastRun)
        .join(Workspace, Workspace.id == ForecastRun.workspace_id)
        .outerjoin(
            Backtest,
            (Backtest.model_id == ForecastRun.model_id) & (Backtest.product_id == ForecastRun.product_id),
        )
        .where(ForecastRun.id == run_id, ForecastRun.workspace_id == workspace_id)
    ).one_or_none()
    if found is None:
        raise NotFound("forecast", run_id)
    return _joined(found)


def written(model: type[Base]) -> ColumnElement[int]:
    """Return the number of the transaction that wrote a row."""
    return cast(cast(literal_column(f"{model.__tablename__}.xmin"), Text), BigInteger)


def _joined(parts: Sequence[object]) -> str:
    return ".".join("" if part is None else str(part) for part in parts)
