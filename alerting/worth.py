"""What an issue costs: the units that its product is expected to lose in the next 14 days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from alerting.days import Days
from alerting.rules import BASE, Rule, Signal
from alerting.shares import difference

HORIZON = 14
FELT = {"negative_share": "sentiment", "net_sentiment": "sentiment", "aspect_complaints": "sentiment:"}


def units_lost(
    rule: Rule,
    signal: Signal,
    days: Days,
    drivers: Iterable[Mapping[str, Any]] = (),
    verdict: str | None = None,
) -> float | None:
    """Return the units expected to be lost over the next 14 days if the last day goes on, None where unknown.

    Sales below the band: the distance from the forecast, for 14 days. A falling forecast: what it falls by.
    No stock: units a day of the ordinary days of the last 28, times the share of days without stock in the
    last week. Complaints: what the stored forecast says that they take away, only where the backtest showed
    that reviews help to forecast this product. Anything else cannot be measured.

    Parameters
    ----------
    drivers, verdict
        Of the product's newest forecast: what moves it (name, effect in units, polarity), and whether
        sentiment helps.
    """
    gap = float(signal.before[-1] - signal.now[-1]) * HORIZON
    if rule.kind in ("below_band", "forecast_falls"):
        return gap if gap > 0 else None
    if rule.kind == "stockout":
        return _without_stock(days, float(signal.now[-1]))
    if rule.kind in FELT and verdict == "helps":
        return _felt(FELT[rule.kind], signal.aspect, drivers)
    return None


def _without_stock(days: Days, share: float) -> float | None:
    sold = days["units"][-BASE:][days.ordinary[-BASE:]]
    return float(np.mean(sold)) * share * HORIZON if len(sold) else None


def _felt(group: str, aspect: str, drivers: Iterable[Mapping[str, Any]]) -> float | None:
    wanted = f"{group}{aspect}"
    effects = [
        float(found["effect"])
        for found in drivers
        if (found["name"] == wanted if aspect else str(found["name"]).startswith(group))
        and (not aspect or found.get("polarity") == "negative")
    ]
    lost = -sum(effects)
    return lost if lost > 0 else None


def strength(signal: Signal) -> float:
    """Return how far the last day is out of the ordinary, to rank issues whose cost is unknown.

    In standard errors where there is an interval, else the relative change.
    """
    moved, width = abs(signal.now[-1] - signal.before[-1]), signal.high[-1] - signal.low[-1]
    scale = width / (2 * 1.96) if width > 0 else signal.before[-1]
    return float(moved / scale) if scale > 0 else float(moved)


def effect(days: Days, column: str, place: int) -> dict[str, float | int] | None:
    """Compare a share of reviews over the 28 days up to a fix and the days after it, at most 28.

    Parameters
    ----------
    column
        What is counted: ``negative``, ``suspects`` or ``complaints:ASPECT``.
    place
        Where the day of the fix is in the columns.

    Returns
    -------
    dict or None
        before, n_before, after, n_after, days, and the 95% interval of the difference, low and high; None
        while either side has no review.
    """
    old = slice(max(place - BASE + 1, 0), place + 1)
    new = slice(place + 1, place + 1 + BASE)
    counted, reviews = days[column], days["reviews"]
    parts = [float(np.nansum(values[span])) for span in (new, old) for values in (counted, reviews)]
    if not parts[1] or not parts[3]:
        return None
    now, all_now, before, all_before = (np.array([part]) for part in parts)
    low, high = difference(now, all_now, before, all_before)
    return {
        "before": parts[2] / parts[3],
        "n_before": int(parts[3]),
        "after": parts[0] / parts[1],
        "n_after": int(parts[1]),
        "days": len(reviews[new]),
        "low": float(low[0]),
        "high": float(high[0]),
    }
