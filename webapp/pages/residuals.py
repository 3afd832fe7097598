"""What the forecast missed in the backtest: by day, as a histogram, by weekday, and whether misses repeat."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import fmean, stdev
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _

from reports.interval import Z95
from storage.models import Backtest
from webapp.pages.format import grouped
from webapp.pages.lines import lines, series

LAGS = (1, 7)
LEAST = 8
MOST_BINS = 15


@dataclass(frozen=True)
class Echo:
    """The correlation of misses with those `lag` days later, and the bound of what chance gives."""

    lag: int
    correlation: float
    bound: float
    n: int

    @property
    def repeats(self) -> bool:
        """Whether more than chance is left in the misses."""
        return abs(self.correlation) > self.bound


@dataclass(frozen=True)
class Weekday:
    """The mean miss of a day of the week."""

    name: str
    mean: float
    n: int


@dataclass(frozen=True)
class Residuals:
    """Sales minus forecast; `interval` is that of the mean (95%)."""

    n: int
    mean: float
    interval: tuple[float, float]
    echoes: list[Echo]
    weekdays: list[Weekday]
    by_day: dict[str, Any]
    histogram: dict[str, Any]


def residuals(backtest: Backtest | None) -> Residuals | None:
    """Measure the service's misses; None with fewer than eight known days."""
    points = sorted(backtest.cv, key=lambda point: str(point["ds"])) if backtest else []
    missed = {date.fromisoformat(point["ds"]): miss for point in points if (miss := _miss(point)) is not None}
    if len(missed) < LEAST:
        return None
    values = list(missed.values())
    mean, half = fmean(values), Z95 * stdev(values) / math.sqrt(len(values))
    return Residuals(
        n=len(values),
        mean=mean,
        interval=(mean - half, mean + half),
        echoes=[echo for lag in LAGS if (echo := _echo(missed, mean, lag)) is not None],
        weekdays=_weekdays(missed),
        by_day=_by_day(points),
        histogram=_histogram(values),
    )


def _miss(point: Mapping[str, Any]) -> float | None:
    y, yhat = point.get("y"), point.get("yhat")
    return None if y is None or yhat is None else y - yhat


def _echo(missed: Mapping[date, float], mean: float, lag: int) -> Echo | None:
    """Correlate misses with those some days before, as Bartlett's bound supposes."""
    spread = sum((value - mean) ** 2 for value in missed.values())
    days = {day.toordinal(): value - mean for day, value in missed.items()}
    pairs = [(days[at], days[at - lag]) for at in days if at - lag in days]
    if not spread or len(pairs) < LEAST:
        return None
    correlation = sum(now * before for now, before in pairs) / spread
    return Echo(lag, correlation, Z95 / math.sqrt(len(missed)), len(missed))


def _weekdays(missed: Mapping[date, float]) -> list[Weekday]:
    by_weekday: dict[int, list[float]] = {}
    named: dict[int, date] = {}
    for day, value in missed.items():
        by_weekday.setdefault(day.weekday(), []).append(value)
        named[day.weekday()] = day
    return [
        Weekday(format_date(named[number], "EEEE"), fmean(values), len(values))
        for number, values in sorted(by_weekday.items())
    ]


def _by_day(points: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    misses = [_miss(point) for point in points]
    drawn = [series(_("Residual"), misses, "forecast", kind="bar")]
    return lines(_("Day"), [point["ds"] for point in points], drawn, panels=[_("Units")])


def _histogram(values: Sequence[float]) -> dict[str, Any]:
    low, high = min(values), max(values)
    bins = min(max(math.ceil(math.sqrt(len(values))), 5), MOST_BINS)
    width = (high - low) / bins or 1.0
    counts = [0.0] * bins
    for value in values:
        counts[min(int((value - low) / width), bins - 1)] += 1
    digits = 0 if width >= 5 else 1
    edges = [grouped(low + width * at, digits) for at in range(bins + 1)]
    names = [f"{first} … {last}" for first, last in pairwise(edges)]
    drawn = [series(_("Days"), counts, "forecast", kind="bar")]
    return lines(_("Sales minus forecast"), names, drawn, panels=[_("Days")])
