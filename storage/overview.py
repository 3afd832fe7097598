"""What the overview and a product's report show: figures, days, lines of products."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, Unpack

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from storage.days import Cutoff, DayPoint, History, daily_series, history
from storage.models import Review, Sale
from storage.product_rows import ProductRow, product_rows
from storage.scope import SCOPED, Scope, of_product, parameters
from storage.themes import AspectRow, aspects, keywords

__all__ = [
    "AspectRow",
    "Cutoff",
    "DayPoint",
    "History",
    "Kpis",
    "Period",
    "ProductRow",
    "aspects",
    "daily_series",
    "data_cutoff",
    "history",
    "keywords",
    "kpis",
    "product_rows",
]


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
    spans = {"now": (product_id, start, end), "before": (rival or product_id, *other)}
    # Side by side rather than one below the other: for two parts of a union PostgreSQL starts two workers.
    parts = ", ".join(f"({_figures(which, of)}) AS {which}" for which, (of, *_days) in spans.items())
    asked = {
        f"{name}_{which}": value
        for which, span in spans.items()
        for name, value in zip(("product", "start", "end"), span, strict=True)
    }
    query = text(f"SELECT * FROM {parts}")  # noqa: S608  (names are our own)
    row = session.execute(query, {"workspace": workspace_id, **asked, **parameters(scope)}).one()
    half = len(row) // 2
    return Kpis(Period(start, end, *row[:half]), Period(*other, *row[half:]))


def _days_before(start: date, end: date, compare: str) -> tuple[date, date]:
    """Return as many days before; 364 days back keep the days of the week."""
    back = timedelta(days=364 if compare == "year" else (end - start).days + 1)
    return start - back, end - back


def _figures(which: str, product_id: int | None) -> str:
    """Return SQL for figures of some days, of a product or of all, in the order of `Period`.

    Parameters
    ----------
    which
        How the parameters' names end.
    """
    span = f"day BETWEEN :start_{which} AND :end_{which}"
    product = of_product(product_id, f"product_id = :product_{which}")
    return f"""
        SELECT said.*, sold.* FROM (
            SELECT count(*), count(label), count(*) FILTER (WHERE label = 'positive'),
                count(*) FILTER (WHERE label = 'negative'), count(*) FILTER (WHERE label = 'neutral'),
                count(*) FILTER (WHERE label = 'uncertain'), avg(rating)
            FROM reviews AS review WHERE workspace_id = :workspace AND {span} AND {product} AND {SCOPED}
        ) AS said, (
            SELECT sum(units), sum(revenue) FROM sales
            WHERE workspace_id = :workspace AND {span} AND {product}
        ) AS sold
    """  # noqa: S608  (names are our own)
