"""The overview's table: a line per product with figures, sparklines and the forecast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from storage.backtests import DEFAULT_HORIZON
from storage.models import Product
from storage.paging import Page
from storage.product_order import Sort, Span, ordered_ids


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
        How likely the days of that forecast sell more than as many before, 0 … 1; None where the backtest
        found no better than the base rate, which says nothing about one product.
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
    brand: str | None = None,
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
    span = Span(start, end)
    page = ordered_ids(
        session,
        workspace_id,
        span,
        sort=sort,
        descending=descending,
        cursor=cursor,
        limit=limit,
        query=query,
        category=category,
        brand=brand,
        shop=shop,
    )
    shown = select(Product).where(Product.workspace_id == workspace_id, Product.id.in_(page.items))
    products = {product.id: product for product in session.scalars(shown)}
    figures = _figures(session, workspace_id, page.items, span)
    return Page([ProductRow(products[id], **figures[id]) for id in page.items if id in products], page.next)


def _figures(
    session: Session, workspace_id: int, product_ids: Sequence[int], span: Span
) -> dict[int, dict[str, Any]]:
    """Return figures, sparklines, forecast and verdict of a page of products, in one query."""
    found = session.execute(
        text("""
        WITH wanted AS (SELECT unnest(CAST(:ids AS bigint[])) AS id),
        said AS (
            SELECT product_id, day, count(*) AS reviews, avg(score) AS score, count(label) AS labelled,
                count(*) FILTER (WHERE label = 'positive') - count(*) FILTER (WHERE label = 'negative') AS net
            FROM reviews
            WHERE workspace_id = :workspace AND product_id = ANY(:ids) AND day BETWEEN :before AND :end
            GROUP BY product_id, day
        ),
        voices AS (
            SELECT product_id, sum(reviews) FILTER (WHERE day >= :start) AS reviews,
                sum(net) FILTER (WHERE day >= :start)
                    / NULLIF(sum(labelled) FILTER (WHERE day >= :start), 0) AS net,
                sum(net) FILTER (WHERE day < :start)
                    / NULLIF(sum(labelled) FILTER (WHERE day < :start), 0) AS previous_net
            FROM said GROUP BY product_id
        ),
        sold AS (
            SELECT product_id, sum(units) FILTER (WHERE day >= :start) AS units,
                sum(units) FILTER (WHERE day < :start) AS previous
            FROM sales
            WHERE workspace_id = :workspace AND product_id = ANY(:ids) AND day BETWEEN :before AND :end
            GROUP BY product_id
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
        SELECT wanted.id, sold.units, sold.previous AS previous_units,
            CAST(COALESCE(voices.reviews, 0) AS bigint) AS reviews,
            CAST(voices.net AS float) AS net_sentiment,
            CAST(voices.previous_net AS float) AS previous_net_sentiment,
            lines.units_spark, lines.sentiment_spark,
            ahead.units AS forecast_units, ahead.low AS forecast_low, ahead.high AS forecast_high,
            CASE WHEN CAST(run.direction->>'brier' AS float) < CAST(run.direction->>'brier_base' AS float)
                THEN CAST(run.direction->>'p_up' AS float) END AS p_up,
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
        LEFT JOIN sold ON sold.product_id = wanted.id
        LEFT JOIN voices ON voices.product_id = wanted.id
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
            "before": span.before,
            "start": span.start,
            "end": span.end,
            "horizon": DEFAULT_HORIZON,
        },
    )
    return {row.pop("id"): row for row in (dict(line) for line in found.mappings())}
