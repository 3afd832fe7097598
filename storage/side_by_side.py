"""A few products beside each other: days, sentiment, forecast and backtest of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, selectinload

from storage.backtests import DEFAULT_HORIZON
from storage.errors import NotFound
from storage.models import Backtest, ForecastModel, ForecastRun, Product, Review, Sale


@dataclass
class Side:
    """What is compared of a product; `units` by day, days without known sales left out."""

    product: Product
    units: dict[date, float] = field(default_factory=dict)
    scored: int = 0
    positive: int = 0
    negative: int = 0
    run: ForecastRun | None = None
    backtest: Backtest | None = None


def side_by_side(
    session: Session, workspace_id: int, product_ids: Sequence[int], *, start: date, end: date
) -> list[Side]:
    """Return the products in the order asked for, with the figures of some days.

    Raises
    ------
    NotFound
        The workspace has no such product.
    """
    chosen = Product.workspace_id == workspace_id, Product.id.in_(product_ids)
    known = {product.id: Side(product) for product in session.scalars(select(Product).where(*chosen))}
    missing = [id for id in product_ids if id not in known]
    if missing:
        raise NotFound("product", missing[0])
    _add_days(session, workspace_id, known, start, end)
    for run in _newest_runs(session, workspace_id, product_ids):
        known[run.product_id].run = run
    for backtest in _newest_backtests(session, workspace_id, product_ids):
        known[backtest.product_id].backtest = backtest
    return [known[id] for id in product_ids]


def _add_days(session: Session, workspace_id: int, known: dict[int, Side], start: date, end: date) -> None:
    sold = select(Sale.product_id, Sale.day, Sale.units).where(
        Sale.workspace_id == workspace_id,
        Sale.product_id.in_(known),
        Sale.day.between(start, end),
        Sale.units.is_not(None),
    )
    for product_id, day, units in session.execute(sold):
        known[product_id].units[day] = units or 0.0
    said = (
        select(
            Review.product_id,
            func.count(Review.label).label("scored"),
            func.count().filter(Review.label == "positive").label("positive"),
            func.count().filter(Review.label == "negative").label("negative"),
        )
        .where(
            Review.workspace_id == workspace_id, Review.product_id.in_(known), Review.day.between(start, end)
        )
        .group_by(Review.product_id)
    )
    row: Any
    for row in session.execute(said):
        side = known[row.product_id]
        side.scored, side.positive, side.negative = row.scored, row.positive, row.negative


def _newest_runs(session: Session, workspace_id: int, product_ids: Sequence[int]) -> list[ForecastRun]:
    query = (
        select(ForecastRun)
        .where(
            ForecastRun.workspace_id == workspace_id,
            ForecastRun.product_id.in_(product_ids),
            ForecastRun.horizon == DEFAULT_HORIZON,
            ForecastRun.models == "auto",
            ForecastRun.scenario_hash == "",
            ForecastRun.state == "succeeded",
        )
        .ext(distinct_on(ForecastRun.product_id))
        .order_by(ForecastRun.product_id, ForecastRun.finished_at.desc(), ForecastRun.id.desc())
        .options(selectinload(ForecastRun.points))
    )
    return list(session.scalars(query))


def _newest_backtests(session: Session, workspace_id: int, product_ids: Sequence[int]) -> list[Backtest]:
    query = (
        select(Backtest)
        .join(ForecastModel, ForecastModel.id == Backtest.model_id)
        .where(
            Backtest.workspace_id == workspace_id,
            Backtest.product_id.in_(product_ids),
            ForecastModel.models == "auto",
            ForecastModel.role == "champion",
        )
        .ext(distinct_on(Backtest.product_id))
        .order_by(
            Backtest.product_id, (ForecastModel.horizon == DEFAULT_HORIZON).desc(), ForecastModel.id.desc()
        )
    )
    return list(session.scalars(query))
