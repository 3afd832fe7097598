"""What reviews speak about: how many, how bad, and what it goes with, the most blamed first."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from reports.interval import Z95, wilson
from storage.themes import AspectRow, Stars
from webapp.pages.aspect_names import aspect_label
from webapp.pages.leads import effect_of
from webapp.pages.sparkline import Sparkline, sparkline

WEEK = 7
FEWEST = 2


@dataclass(frozen=True)
class Effect:
    """Mean stars of those who blame it minus those of all others, with its 95% interval and both n."""

    stars: float
    low: float
    high: float
    n: int
    others: int


@dataclass(frozen=True)
class Aspect:
    """A line of the table.

    `share` is of the reviews that speak about it, `interval` its 95% bounds. `effect` is None where too few
    have stars, `sales` says what was measured of its effect on sales.
    """

    category: str
    mentions: int
    positive: int
    negative: int
    share: float
    interval: tuple[float, float]
    effect: Effect | None
    sales: str
    weeks: list[int]
    line: Sparkline | None


def aspects(rows: Iterable[AspectRow], findings: Mapping[str, Any] | None) -> list[Aspect]:
    """Return the lines of the table.

    Parameters
    ----------
    rows
        Aspects of at least 3 reviewers each, the most blamed first.
    findings
        Of the backtest: its ``lags``.
    """
    return [_aspect(row, findings) for row in rows]


def quadrant(found: Sequence[Aspect]) -> dict[str, Any]:
    """Return the chart of volume and effect: an aspect is a point where its effect on stars is known."""
    points = [
        {
            "category": one.category,
            "name": aspect_label(one.category),
            "mentions": one.mentions,
            "effect": round(one.effect.stars, 2),
            "share": one.share,
        }
        for one in found
        if one.effect
    ]
    words = {
        "mentions": _("Mentions"),
        "effect": _("Effect on stars"),
        "negative": _("Negative"),
    }
    return {"points": points, "words": words}


def _aspect(row: AspectRow, findings: Mapping[str, Any] | None) -> Aspect:
    weeks = by_week(row.spark)
    return Aspect(
        category=row.category,
        mentions=row.mentions,
        positive=row.positive,
        negative=row.negative,
        share=row.negative / row.mentions,
        interval=wilson(row.negative, row.mentions) or (0.0, 1.0),
        effect=effect(row.blaming, row.others),
        sales=effect_of(findings, row.category),
        weeks=weeks,
        line=sparkline(weeks),
    )


def effect(blaming: Stars, others: Stars) -> Effect | None:
    """Compare the stars of two groups (Welch, 1947); None where one has fewer than two with stars."""
    if blaming.mean is None or others.mean is None or min(blaming.n, others.n) < FEWEST:
        return None
    difference = blaming.mean - others.mean
    error = math.sqrt((blaming.variance or 0.0) / blaming.n + (others.variance or 0.0) / others.n)
    half = Z95 * error
    return Effect(difference, difference - half, difference + half, blaming.n, others.n)


def by_week(days: Sequence[int]) -> list[int]:
    """Add up days by weeks that end with the last day; what does not fill a first week is left out.

    >>> by_week([9, 1, 1, 1, 1, 1, 1, 1])
    [7]
    """
    whole = len(days) - len(days) % WEEK if len(days) >= WEEK else len(days)
    kept = list(days[len(days) - whole :])
    return [sum(kept[start : start + WEEK]) for start in range(0, len(kept), WEEK)]
