"""What a scenario is asked against: the plain forecast of the same data, and what was seen of the product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, selectinload

from storage.errors import NotFound
from storage.models import ForecastRun, Sale

RECENT = 28
YEAR = 364


@dataclass(frozen=True)
class Seen:
    """What prices and promotions a product had on days with known sales; None where none is known."""

    price_low: float | None
    price_high: float | None
    price_last: float | None
    promo_low: float | None
    promo_high: float | None


def seen(session: Session, workspace_id: int, product_id: int) -> Seen:
    """Return the range of a product's prices and promotions, and its last price."""
    days = Sale.workspace_id == workspace_id, Sale.product_id == product_id, Sale.units.is_not(None)
    newest = (
        select(Sale.price).where(*days, Sale.price.is_not(None)).order_by(Sale.day.desc()).limit(1)
    ).scalar_subquery()
    row = session.execute(
        select(
            func.min(Sale.price),
            func.max(Sale.price),
            newest,
            func.min(Sale.promo),
            func.max(Sale.promo),
        ).where(*days)
    ).one()
    return Seen(*row)


@dataclass(frozen=True)
class Talk:
    """Reviews that blame or praise an aspect.

    Attributes
    ----------
    count
        How many in the last four weeks.
    low, high
        Fewest and most in any four weeks of the last year.
    """

    category: str
    polarity: str
    count: int
    low: int
    high: int


def talked_about(session: Session, workspace_id: int, product_id: int, end: date) -> list[Talk]:
    """Return which aspects a product's reviews of the four weeks to `end` speak of, the most spoken of first.

    All scored reviews count, as in the daily features.
    """
    found = session.execute(
        text("""
        SELECT item->>'category' AS category, item->>'polarity' AS polarity, review.day,
            count(DISTINCT review.id) AS reviews
        FROM reviews AS review CROSS JOIN LATERAL jsonb_array_elements(review.aspects) AS item
        WHERE review.workspace_id = :workspace AND review.product_id = :product
            AND review.day BETWEEN :start AND :end AND review.scored_by IS NOT NULL
            AND item->>'polarity' IN ('negative', 'positive')
        GROUP BY category, polarity, review.day
        """),
        {
            "workspace": workspace_id,
            "product": product_id,
            "start": end - timedelta(days=YEAR - 1),
            "end": end,
        },
    )
    days: dict[tuple[str, str], dict[date, int]] = {}
    for category, polarity, day, reviews in found:
        days.setdefault((category, polarity), {})[day] = reviews
    talks = (_talk(*about, counts, end) for about, counts in days.items())
    return sorted(
        (talk for talk in talks if talk.count), key=lambda talk: (-talk.count, talk.category, talk.polarity)
    )


def _talk(category: str, polarity: str, counts: Mapping[date, int], end: date) -> Talk:
    """Count in windows of four weeks, from the first such review on."""
    known = (end - min(counts)).days + 1
    daily = [counts.get(end - timedelta(days=back), 0) for back in range(max(known, RECENT))]
    windows = [sum(daily[back : back + RECENT]) for back in range(len(daily) - RECENT + 1)]
    return Talk(category, polarity, windows[0], min(windows), max(windows))


def product_run(session: Session, workspace_id: int, product_id: int, run_id: UUID) -> ForecastRun:
    """Return a run of this product with its points, or raise `NotFound`."""
    run = session.scalar(
        select(ForecastRun)
        .where(
            ForecastRun.workspace_id == workspace_id,
            ForecastRun.product_id == product_id,
            ForecastRun.id == run_id,
        )
        .options(selectinload(ForecastRun.points))
    )
    if run is None:
        raise NotFound("forecast", run_id)
    return run


def base_run(session: Session, run: ForecastRun) -> ForecastRun | None:
    """Return the plain run of the same product, horizon, models and data, whatever its state, or None."""
    return session.scalar(
        select(ForecastRun)
        .where(
            ForecastRun.workspace_id == run.workspace_id,
            ForecastRun.product_id == run.product_id,
            ForecastRun.horizon == run.horizon,
            ForecastRun.models == run.models,
            ForecastRun.feature_version == run.feature_version,
            ForecastRun.scenario_hash == "",
        )
        .order_by(ForecastRun.finished_at.desc().nulls_last())
        .limit(1)
        .options(selectinload(ForecastRun.points))
    )
