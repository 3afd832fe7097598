"""What the overview and a product's report show: figures, days, lines of products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple, Unpack

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from storage.models import Review, Sale
from storage.product_rows import ProductRow, product_rows
from storage.scope import Scope, within
from storage.themes import AspectRow, aspects, keywords

TRAILING = 7
# A day without a row, in the order of `_sold` and of `_said`.
_NOT_SOLD: tuple[Any, ...] = (None,) * 6
_NOT_SAID: tuple[Any, ...] = (None, 0, 0, 0, 0, None)

__all__ = [
    "AspectRow",
    "Cutoff",
    "DayPoint",
    "Kpis",
    "Period",
    "ProductRow",
    "aspects",
    "daily_series",
    "data_cutoff",
    "keywords",
    "kpis",
    "product_rows",
]


@dataclass(frozen=True)
class Cutoff:
    """Last days with a review and with sales, and the first day with either."""

    reviews: date | None
    sales: date | None
    first: date | None


@dataclass(frozen=True)
class Period:
    """Figures of some days; shares are of the scored reviews, None without any."""

    start: date
    end: date
    reviews: int
    scored: int
    positive: int
    negative: int
    neutral: int
    uncertain: int
    rating_mean: float | None
    units: float | None
    revenue: float | None

    @property
    def positive_share(self) -> float | None:
        """Share of positive reviews."""
        return self.positive / self.scored if self.scored else None

    @property
    def negative_share(self) -> float | None:
        """Share of negative reviews."""
        return self.negative / self.scored if self.scored else None

    @property
    def net_sentiment(self) -> float | None:
        """Positive share minus negative share, -1 … 1."""
        return (self.positive - self.negative) / self.scored if self.scored else None


@dataclass(frozen=True)
class Kpis:
    """A period and the one it is compared with."""

    current: Period
    previous: Period


class DayPoint(NamedTuple):
    """One day of the main chart; units are None where sales are unknown.

    `score_mean` is of that day's reviews, `sentiment_7` of the last seven days' reviews.
    """

    day: date
    units: float | None
    revenue: float | None
    price: float | None
    promo: float | None
    stockout: float | None
    reviews: int
    positive: int
    negative: int
    score_mean: float | None
    sentiment_7: float | None


def data_cutoff(session: Session, workspace_id: int, product_id: int | None = None) -> Cutoff:
    """Return how far the data reaches, for a product or the workspace."""
    arrived = select(func.max(Review.day), func.min(Review.day)).where(Review.workspace_id == workspace_id)
    sold = select(func.max(Sale.day), func.min(Sale.day)).where(
        Sale.workspace_id == workspace_id, Sale.units.is_not(None)
    )
    if product_id is not None:
        arrived = arrived.where(Review.product_id == product_id)
        sold = sold.where(Sale.product_id == product_id)
    last_review, first_review = session.execute(arrived).one()
    last_sale, first_sale = session.execute(sold).one()
    firsts = [day for day in (first_review, first_sale) if day]
    return Cutoff(last_review, last_sale, min(firsts, default=None))


def kpis(
    session: Session,
    workspace_id: int,
    product_id: int | None = None,
    *,
    start: date,
    end: date,
    compare: Literal["previous", "year"] = "previous",
    before: tuple[date, date] | None = None,
    rival: int | None = None,
    **scope: Unpack[Scope],
) -> Kpis:
    """Return the figures of a span of days and of what it is compared with.

    Parameters
    ----------
    compare
        previous: as many days just before (环比); year: the same days a year ago (同比).
    before
        These days instead, e.g. the same festival a year ago.
    rival
        Another product, of which the same days are compared (竞品) unless `before` is given.
    """
    other = before or ((start, end) if rival is not None else _days_before(start, end, compare))
    return Kpis(
        _period(session, workspace_id, product_id, start, end, scope),
        _period(session, workspace_id, product_id if rival is None else rival, *other, scope),
    )


def _days_before(start: date, end: date, compare: str) -> tuple[date, date]:
    """Return as many days before; 364 days back keep the days of the week."""
    back = timedelta(days=364 if compare == "year" else (end - start).days + 1)
    return start - back, end - back


def daily_series(
    session: Session,
    workspace_id: int,
    product_id: int | None = None,
    *,
    start: date,
    end: date,
    **scope: Unpack[Scope],
) -> list[DayPoint]:
    """Return one point for every day of the span, of a product or of the whole workspace.

    Price, promotion and stock-out of the workspace are means over its products.
    """
    sold = {row.day: row for row in session.execute(_sold(workspace_id, product_id, start, end))}
    back = start - timedelta(days=TRAILING - 1)
    said = {row.day: row for row in session.execute(_said(workspace_id, product_id, back, end, scope))}
    span = [back + timedelta(days=step) for step in range((end - back).days + 1)]
    scored = [said[day].scored if day in said else 0 for day in span]
    score = [said[day].score or 0.0 if day in said else 0.0 for day in span]
    return [
        _point(
            span[place],
            sold.get(span[place]),
            said.get(span[place]),
            _mean(score[place - TRAILING + 1 : place + 1], scored[place - TRAILING + 1 : place + 1]),
        )
        for place in range(TRAILING - 1, len(span))
    ]


def _sold(workspace_id: int, product_id: int | None, start: date, end: date) -> Select[*tuple[Any, ...]]:
    query = (
        select(
            Sale.day,
            func.sum(Sale.units).label("units"),
            func.sum(Sale.revenue).label("revenue"),
            func.avg(Sale.price).label("price"),
            func.avg(Sale.promo).label("promo"),
            func.avg(Sale.stockout).label("stockout"),
        )
        .where(Sale.workspace_id == workspace_id, Sale.day.between(start, end))
        .group_by(Sale.day)
    )
    return query if product_id is None else query.where(Sale.product_id == product_id)


def _said(
    workspace_id: int, product_id: int | None, start: date, end: date, scope: Scope
) -> Select[*tuple[Any, ...]]:
    query = (
        select(
            Review.day,
            func.count().label("reviews"),
            func.count(Review.score).label("scored"),
            func.count().filter(Review.label == "positive").label("positive"),
            func.count().filter(Review.label == "negative").label("negative"),
            func.sum(Review.score).label("score"),
        )
        .where(Review.workspace_id == workspace_id, *within(start, end, **scope))
        .group_by(Review.day)
    )
    return query if product_id is None else query.where(Review.product_id == product_id)


def _point(day: date, sold: Any, said: Any, sentiment_7: float | None) -> DayPoint:
    _day, units, revenue, price, promo, stockout = sold or _NOT_SOLD
    _day, reviews, scored, positive, negative, score = said or _NOT_SAID
    mean = score / scored if scored else None
    sales = (units, revenue, price, promo, stockout)
    return DayPoint(day, *sales, reviews, positive, negative, mean, sentiment_7)


def _mean(scores: Sequence[float], scored: Sequence[int]) -> float | None:
    """Return the mean score of the reviews of some days, None when none is scored."""
    count = sum(scored)
    return float(sum(scores) / count) if count else None


def _period(
    session: Session,
    workspace_id: int,
    product_id: int | None,
    start: date,
    end: date,
    scope: Scope,
) -> Period:
    labels = ("positive", "negative", "neutral", "uncertain")
    said = select(
        func.count().label("reviews"),
        func.count(Review.label).label("scored"),
        *(func.count().filter(Review.label == label).label(label) for label in labels),
        func.avg(Review.rating).label("rating_mean"),
    ).where(Review.workspace_id == workspace_id, *within(start, end, **scope))
    sold = select(func.sum(Sale.units), func.sum(Sale.revenue)).where(
        Sale.workspace_id == workspace_id, Sale.day.between(start, end)
    )
    if product_id is not None:
        said = said.where(Review.product_id == product_id)
        sold = sold.where(Sale.product_id == product_id)
    units, revenue = session.execute(sold).one()
    counts = session.execute(said).mappings().one()
    return Period(start=start, end=end, units=units, revenue=revenue, **counts)
