"""Days with what was sold and said on each, for charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple, Unpack

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from storage.models import Review, Sale
from storage.scope import Scope, within

TRAILING = 7
# A day without a row, in the order of `_sold` and of `_said`.
_NOT_SOLD: tuple[Any, ...] = (None,) * 6
_NOT_SAID: tuple[Any, ...] = (None, 0, 0, 0, 0, None)

# As text, and without a bound: PostgreSQL plans it once for all products, and its indexes hold all it reads.
_SAID = text("""
    SELECT day, count(*) AS reviews, count(score) AS scored, count(*) FILTER (WHERE label = 'positive')
            AS positive, count(*) FILTER (WHERE label = 'negative') AS negative, sum(score) AS score,
        count(*) FILTER (WHERE is_suspect) AS suspects
    FROM reviews WHERE workspace_id = :workspace AND product_id = :product GROUP BY day
""")
_SOLD = text("""
    SELECT day, units, revenue, price, promo, stockout
    FROM sales WHERE workspace_id = :workspace AND product_id = :product
""")


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


@dataclass(frozen=True)
class Cutoff:
    """Last days with a review and with sales, and the first day with either."""

    reviews: date | None
    sales: date | None
    first: date | None


@dataclass(frozen=True)
class History:
    """What was sold and said of a product on each day of which anything is known; planned days too."""

    sold: Mapping[date, Any]
    said: Mapping[date, Any]

    @property
    def cutoff(self) -> Cutoff:
        """How far the data reaches, as `storage.overview.data_cutoff` says it."""
        known = [day for day, row in self.sold.items() if row.units is not None]
        return Cutoff(
            reviews=max(self.said, default=None),
            sales=max(known, default=None),
            first=min((*self.said, *known), default=None),
        )

    @property
    def suspects(self) -> int:
        """How many reviews are suspect."""
        return sum(row.suspects for row in self.said.values())

    def series(self, start: date, end: date) -> list[DayPoint]:
        """Return one point for every day of the span."""
        return _series(self.sold, self.said, start, end)

    def newest(self, reviews: int) -> date | None:
        """Return the day from which on so many reviews came, the first day where there are fewer."""
        left, day = reviews, None
        for day in sorted(self.said, reverse=True):
            left -= self.said[day].reviews
            if left <= 0:
                break
        return day


def history(session: Session, workspace_id: int, product_id: int) -> History:
    """Return all days of a product."""
    which = {"workspace": workspace_id, "product": product_id}
    sold, said = ({row[0]: row for row in session.execute(query, which).all()} for query in (_SOLD, _SAID))
    return History(sold, said)


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
    return _series(sold, said, start, end)


def _series(sold: Mapping[date, Any], said: Mapping[date, Any], start: date, end: date) -> list[DayPoint]:
    back = TRAILING - 1
    span = _span(start - timedelta(days=back), end)
    talk = [said.get(day, _NOT_SAID) for day in span]
    scored, score = [row[2] for row in talk], [row[5] or 0.0 for row in talk]
    points = []
    for place in range(back, len(span)):
        day, week = span[place], slice(place - back, place + 1)
        points.append(_point(day, sold.get(day, _NOT_SOLD), talk[place], _mean(score[week], scored[week])))
    return points


def _span(start: date, end: date) -> list[date]:
    first = start.toordinal()
    return [date.fromordinal(day) for day in range(first, end.toordinal() + 1)]


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


def _point(day: date, sold: Sequence[Any], said: Sequence[Any], sentiment_7: float | None) -> DayPoint:
    _day, units, revenue, price, promo, stockout = sold
    _day, reviews, scored, positive, negative, score, *_ = said
    sales = (units, revenue, price, promo, stockout)
    mean = score / scored if scored else None
    return DayPoint(day, *sales, reviews, positive, negative, mean, sentiment_7)


def _mean(scores: Sequence[float], scored: Sequence[int]) -> float | None:
    """Return the mean score of the reviews of some days, None when none is scored."""
    count = sum(scored)
    return float(sum(scores) / count) if count else None
