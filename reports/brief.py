"""A report in three figures, for a message: the last week's sales, net sentiment, what lies ahead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from reports.interval import net_interval

WEEK = 7
AHEAD = 14

Figures = dict[str, Any]


def brief(figures: Mapping[str, Any]) -> dict[str, Figures | None]:
    """Return the key figures of a snapshot; one that nobody knows is None.

    Returns
    -------
    units
        Sold in the last week with sales (`now`) and the one before, with how many days of each are known.
    net
        Net sentiment of the report's period (-1 … 1) with n, its 95% interval, and that of the days before.
    ahead
        Units of the first days of the newest forecast, and the sums of their 80% bounds.
    """
    return {
        "units": _units(figures["days"], figures["cutoff"]["sales"]),
        "net": net(figures["kpis"]["current"], figures["kpis"]["previous"]),
        "ahead": _ahead(figures["forecast"]),
    }


def net(current: Mapping[str, Any], previous: Mapping[str, Any]) -> Figures | None:
    """Return the net sentiment of a period and of the one before, as `storage.overview` counts them."""
    found = net_interval(current["positive"], current["negative"], current["scored"])
    if found is None:
        return None
    days = date.fromisoformat(str(current["end"])) - date.fromisoformat(str(current["start"]))
    return {
        "now": _share(current),
        "before": _share(previous),
        "low": found[0],
        "high": found[1],
        "n": current["scored"],
        "n_before": previous["scored"],
        "days": days.days + 1,
        "until": str(current["end"]),
    }


def units(until: date, sold: Mapping[date, float | None]) -> Figures | None:
    """Return what the week to a day and the one before sold; None without a known day in the newer one."""
    line = [sold.get(until - timedelta(days=back)) for back in range(2 * WEEK)]
    known, known_before = ([day for day in week if day is not None] for week in (line[:WEEK], line[WEEK:]))
    if not known:
        return None
    return {
        "now": sum(known),
        "before": sum(known_before) if known_before else None,
        "days": len(known),
        "days_before": len(known_before),
        "until": until.isoformat(),
    }


def _units(days: Sequence[Sequence[Any]], cutoff: str | None) -> Figures | None:
    if cutoff is None:
        return None
    return units(date.fromisoformat(cutoff), {date.fromisoformat(day[0]): day[1] for day in days})


def _ahead(forecast: Mapping[str, Any] | None) -> Figures | None:
    points = forecast["points"][:AHEAD] if forecast else []
    if not points:
        return None
    bounds = [[point[place] for point in points] for place in (2, 3)]
    low, high = (None if None in line else sum(line) for line in bounds)
    total = sum(point[1] for point in points)
    return {"units": total, "low": low, "high": high, "days": len(points), "from": points[0][0]}


def _share(period: Mapping[str, Any]) -> float | None:
    scored = period["scored"]
    return (period["positive"] - period["negative"]) / scored if scored else None
