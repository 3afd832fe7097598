"""The overview's table: a line per product with figures, sparklines and the forecast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Double, Subquery, cast, func, nulls_last, select, text
from sqlalchemy.orm import Session

from storage.backtests import DEFAULT_HORIZON
from storage.models import Product, Review, Sale
from storage.paging import Page, checked_limit, decode_cursor, encode_cursor
from storage.products import matching

Sort = Literal["units", "reviews", "net_sentiment", "title", "change"]


@dataclass(frozen=True)
class ProductRow:
    """A product's line; `previous_…` are of as many days before.

    Attributes
    ----------
    units_spark, sentiment_spark
        Units sold and mean score, a number per day of the span, None where unknown.
    forecast_units, forecast_low, forecast_high
        Sum over the newest plain forecast and over its 80 % bounds.
    p_up
        How likely the days of that forecast sell more than as many before, 0 … 1.
    verdict
        Whether sentiment helps the forecast: helps, none or harms.
    """

    product: Product
    units: float | None
    previous_units: float | None
    reviews: int
    net_sentiment: float | None
    previous_net_sentiment: float | None
    units_spark: list[float | None]
    sentiment_spark: list[float | None]
    forecast_units: float | None
    forecast_low: float | None
    forecast_high: float | None
    p_up: float | None
    verdict: str | None


def product_rows(
    session: Session,
    workspace_id: int,
    *,
    start: date,
    end: date,
    query: str = "",
    category: str | None = None,
    shop: str | None = None,
    sort: Sort = "units",
    descending: bool = True,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[ProductRow]:
    """Return a page of products with their figures of some days, sorted by one of them.

    Products without a value come last either way.

    Raises
    ------
    BadCursor
        The cursor is not of this list.
    ValueError
        The sort is unknown.
    """
    offset = decode_cursor(cursor, int)[0] if cursor else 0
    before = start - timedelta(days=(end - start).days + 1)
    sold = _sold(workspace_id, before, start, end)
    said = _said(workspace_id, before, start, end)
    columns: dict[str, ColumnElement[Any]] = {
        "units": sold.c.units,
        "reviews": func.coalesce(said.c.reviews, 0),
        "net_sentiment": said.c.net,
        "title": Product.title.expression,
        "change": (sold.c.units - sold.c.previous) / func.nullif(sold.c.previous, 0),
    }
    if sort not in columns:
        raise ValueError(f"cannot sort by {sort!r}; known are {', '.join(columns)}")
    order = columns[sort].desc() if descending else columns[sort].asc()
    found = session.execute(
        matching(
            select(Product, sold.c.units, sold.c.previous, columns["reviews"], said.c.net, said.c.previous)
            .outerjoin(sold, sold.c.product_id == Product.id)
            .outerjoin(said, said.c.product_id == Product.id),
            workspace_id,
            query=query,
            category=category,
            shop=shop,
        )
        .order_by(nulls_last(order), Product.id)
        .offset(offset)
        .limit(checked_limit(limit) + 1)
    ).all()
    further = _further(session, workspace_id, [row[0].id for row in found[:limit]], start, end)
    rows = [ProductRow(*row, **further[row[0].id]) for row in found[:limit]]
    return Page(rows, encode_cursor(offset + limit) if len(found) > limit else None)


def _sold(workspace_id: int, before: date, start: date, end: date) -> Subquery:
    return (
        select(
            Sale.product_id,
            func.sum(Sale.units).filter(Sale.day >= start).label("units"),
            func.sum(Sale.units).filter(Sale.day < start).label("previous"),
        )
        .where(Sale.workspace_id == workspace_id, Sale.day.between(before, end))
        .group_by(Sale.product_id)
        .subquery("sold")
    )


def _said(workspace_id: int, before: date, start: date, end: date) -> Subquery:
    def net(days: ColumnElement[bool]) -> ColumnElement[Any]:
        liked = func.count().filter(days, Review.label == "positive")
        disliked = func.count().filter(days, Review.label == "negative")
        return (liked - disliked) * 1.0 / func.nullif(func.count(Review.label).filter(days), 0)

    return (
        select(
            Review.product_id,
            func.count().filter(Review.day >= start).label("reviews"),
            cast(net(Review.day >= start), Double).label("net"),
            cast(net(Review.day < start), Double).label("previous"),
        )
        .where(Review.workspace_id == workspace_id, Review.day.between(before, end))
        .group_by(Review.product_id)
        .subquery("said")
    )


def _further(
    session: Session, workspace_id: int, product_ids: Sequence[int], start: date, end: date
) -> dict[int, dict[str, Any]]:
    """Return sparklines, forecast and verdict of a page of products, in one query."""
    found = session.execute(
        text("""
        WITH wanted AS (SELECT unnest(CAST(:ids AS bigint[])) AS id),
        said AS (
            SELECT product_id, day, avg(score) AS score FROM reviews
            WHERE workspace_id = :workspace AND product_id = ANY(:ids) AND day BETWEEN :start AND :end
            GROUP BY product_id, day
        ),
        run AS (
            SELECT DISTINCT ON (product_id) product_id, id, direction FROM forecast_runs
            WHERE workspace_id = :workspace AND product_id = ANY(:ids)
                AND state = 'succeeded' AND models = 'auto'
                AND scenario_hash = '' AND horizon = :horizon
            ORDER BY product_id, finished_at DESC, id DESC
        ),
        ahead AS (
            SELECT run.product_id, sum(yhat) AS units,
                sum(CAST(bands->>'lo-80' AS float)) AS low, sum(CAST(bands->>'hi-80' AS float)) AS high
            FROM run JOIN forecast_points AS point ON point.run_id = run.id GROUP BY run.product_id
        )
        SELECT wanted.id, lines.units_spark, lines.sentiment_spark,
            ahead.units AS forecast_units, ahead.low AS forecast_low, ahead.high AS forecast_high,
            CAST(run.direction->>'p_up' AS float) AS p_up,
            backtest.lift->>'verdict' AS verdict
        FROM wanted
        CROSS JOIN LATERAL (
            SELECT array_agg(sale.units ORDER BY each_day) AS units_spark,
                array_agg(said.score ORDER BY each_day) AS sentiment_spark
            FROM generate_series(CAST(:start AS date), CAST(:end AS date), interval '1 day') AS each_day
            LEFT JOIN sales AS sale ON sale.product_id = wanted.id AND sale.day = each_day::date
                AND sale.workspace_id = :workspace
            LEFT JOIN said ON said.product_id = wanted.id AND said.day = each_day::date
        ) AS lines
        LEFT JOIN run ON run.product_id = wanted.id
        LEFT JOIN ahead ON ahead.product_id = wanted.id
        LEFT JOIN LATERAL (
            SELECT lift FROM backtests JOIN forecast_models AS model ON model.id = backtests.model_id
            WHERE backtests.workspace_id = :workspace AND product_id = wanted.id
                AND models = 'auto' AND role = 'champion'
            ORDER BY horizon = :horizon DESC, model.id DESC LIMIT 1
        ) AS backtest ON true
        """),
        {
            "workspace": workspace_id,
            "ids": list(product_ids),
            "start": start,
            "end": end,
            "horizon": DEFAULT_HORIZON,
        },
    )
    return {row.pop("id"): row for row in (dict(line) for line in found.mappings())}
