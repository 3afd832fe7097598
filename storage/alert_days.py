"""The stored days of products as rules look at them: columns of equal length, without a model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from storage.backtests import DEFAULT_HORIZON
from storage.marks import marked_days
from storage.models import AlertRule, DailyFeature, Product, Review, Sale
from storage.overview import data_cutoff
from storage.products import matching

Columns = dict[str, npt.NDArray[np.float64]]

SPECIAL = ("promotion", "festival")
OF_SALES = ("below_band", "forecast_falls", "forecast_rises", "stockout")
SAID = ("reviews", "negative", "positive", "suspects")


class Table:
    """Columns of some products over the same days, filled cell by cell: counts from 0, others from NaN."""

    def __init__(self, start: date, end: date) -> None:
        self.start = start
        self.days = (end - start).days + 1
        self.products: dict[int, Columns] = defaultdict(dict)

    def put(self, product_id: int, name: str, day: date, value: float | None, empty: float) -> None:
        """Write a cell; a column that is not there yet is made of `empty`."""
        columns = self.products[product_id]
        if name not in columns:
            columns[name] = np.full(self.days, empty)
        place = (day - self.start).days
        if value is not None and 0 <= place < self.days:
            columns[name][place] = value


def product_columns(
    session: Session, workspace_id: int, product_ids: Collection[int], start: date, end: date, kind: str
) -> dict[int, Columns]:
    """Return what a kind of rule looks at, for each product that has any of it.

    Returns
    -------
    dict
        Product id -> column -> array of shape (days,), as `alerting.Days` describes them.
    """
    table = Table(start, end)
    here = {"workspace": workspace_id, "ids": list(product_ids), "start": start, "end": end}
    _sold(session, table, here)
    if kind not in OF_SALES:
        _said(session, table, here)
    elif kind != "stockout":
        _forecast(session, table, here)
    if kind == "aspect_complaints":
        _complaints(session, table, here)
    calendar = _calendar(session, start, end)
    return {id: columns | calendar for id, columns in sorted(table.products.items())}


def last_day_of(session: Session, workspace_id: int, kind: str) -> date | None:
    """Return the last day with sales for rules that look at sales, else the last day with a review."""
    cutoff = data_cutoff(session, workspace_id)
    return cutoff.sales if kind in OF_SALES else cutoff.reviews


def products_in(session: Session, rule: AlertRule, most: int | None = None) -> list[int]:
    """Return the products that a rule watches, in order; with `most`, those with most reviews."""
    where: dict[str, Any] = {name: rule.scope.get(name) or None for name in ("category", "brand", "shop")}
    query: Select[Any] = matching(select(Product.id), rule.workspace_id, **where)
    named = rule.scope.get("product_ids")
    if named:
        query = query.where(Product.id.in_(named))
    if most is None:
        return list(session.scalars(query.order_by(Product.id)))
    said = select(func.count()).where(
        Review.product_id == Product.id, Review.workspace_id == rule.workspace_id
    )
    return list(session.scalars(query.order_by(said.scalar_subquery().desc(), Product.id).limit(most)))


def _said(session: Session, table: Table, here: dict[str, Any]) -> None:
    """Counts of the daily features, in which a review counts on the day it arrived."""
    parts = (DailyFeature.negative_share, DailyFeature.positive_share, DailyFeature.suspect_share)
    query = select(DailyFeature.product_id, DailyFeature.day, DailyFeature.reviews, *parts).where(
        DailyFeature.workspace_id == here["workspace"],
        DailyFeature.product_id.in_(here["ids"]),
        DailyFeature.day.between(here["start"], here["end"]),
    )
    for product_id, day, reviews, *shares in session.execute(query):
        values = (reviews, *(round((share or 0.0) * reviews) for share in shares))
        for name, value in zip(SAID, values, strict=True):
            table.put(product_id, name, day, value, 0.0)


def _complaints(session: Session, table: Table, here: dict[str, Any]) -> None:
    """Different people who blame an aspect on a day; nameless ones count one each."""
    found = session.execute(
        text("""
        SELECT review.product_id, review.day, item->>'category',
            count(DISTINCT COALESCE(NULLIF(review.user_key, ''), review.id::text))
        FROM reviews AS review CROSS JOIN LATERAL jsonb_array_elements(review.aspects) AS item
        WHERE review.workspace_id = :workspace AND review.product_id = ANY(:ids)
            AND review.day BETWEEN :start AND :end AND item->>'polarity' = 'negative'
        GROUP BY 1, 2, 3
        """),
        here,
    )
    for product_id, day, category, people in found:
        table.put(product_id, f"complaints:{category}", day, float(people), 0.0)


def _sold(session: Session, table: Table, here: dict[str, Any]) -> None:
    query = select(Sale.product_id, Sale.day, Sale.units, Sale.stockout).where(
        Sale.workspace_id == here["workspace"],
        Sale.product_id.in_(here["ids"]),
        Sale.day.between(here["start"], here["end"]),
    )
    for product_id, day, units, stockout in session.execute(query):
        table.put(product_id, "units", day, units, np.nan)
        table.put(product_id, "stockout", day, stockout, 0.0)


def _forecast(session: Session, table: Table, here: dict[str, Any]) -> None:
    """What was forecast of each day last before it, by stored forecasts and by the newest backtest."""
    points = session.execute(
        text("""
        SELECT run.product_id, run.cutoff, point.ds, point.yhat, CAST(point.bands->>'lo-80' AS float)
        FROM forecast_runs AS run JOIN forecast_points AS point ON point.run_id = run.id
        WHERE run.workspace_id = :workspace AND run.product_id = ANY(:ids) AND run.state = 'succeeded'
            AND run.models = 'auto' AND run.scenario_hash = '' AND run.horizon = :horizon
            AND run.cutoff BETWEEN CAST(:start AS date) - :horizon AND :end
        UNION ALL
        SELECT newest.product_id, CAST(point->>'cutoff' AS date), CAST(point->>'ds' AS date),
            CAST(point->>'yhat' AS float), CAST(point->>'lo-80' AS float)
        FROM (
            SELECT DISTINCT ON (backtest.product_id) backtest.product_id, backtest.cv
            FROM backtests AS backtest JOIN forecast_models AS model ON model.id = backtest.model_id
            WHERE backtest.workspace_id = :workspace AND backtest.product_id = ANY(:ids)
                AND model.models = 'auto' AND model.role = 'champion' AND model.horizon = :horizon
            ORDER BY backtest.product_id, model.id DESC
        ) AS newest CROSS JOIN LATERAL jsonb_array_elements(newest.cv) AS point
        ORDER BY 1, 2, 3
        """),
        here | {"horizon": DEFAULT_HORIZON},
    )
    _told(table, points)


def _told(table: Table, points: Iterable[Any]) -> None:
    """Write the points, in the order of their cutoffs, so that the newer word stands."""
    ahead: dict[tuple[int, date], dict[date, float]] = defaultdict(dict)
    for product_id, cutoff, day, yhat, low in points:
        if yhat is None or day <= cutoff:
            continue
        table.put(product_id, "yhat", day, yhat, np.nan)
        table.put(product_id, "low", day, low, np.nan)
        ahead[product_id, cutoff][day] = yhat
    for (product_id, cutoff), days in ahead.items():
        if len(days) == DEFAULT_HORIZON:
            table.put(product_id, "ahead", cutoff, sum(days.values()), np.nan)


def _calendar(session: Session, start: date, end: date) -> Columns:
    """Return which days are of large promotions or festivals, and how many of the 14 after each."""
    days = (end - start).days + 1
    special = np.zeros(days + DEFAULT_HORIZON)
    for mark in marked_days(session, start, end + timedelta(days=DEFAULT_HORIZON)):
        if mark.kind in SPECIAL:
            special[(mark.day - start).days] = 1.0
    total = np.concatenate([[0.0], np.cumsum(special)])
    ahead = total[1 + DEFAULT_HORIZON :] - total[1 : days + 1]
    return {"special": special[:days], "special_ahead": ahead}
