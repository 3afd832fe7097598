"""The main chart as lines and areas: sales, the forecast and its 80% band, in a box of any size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

DAYS = 90
Point = tuple[float, float]


@dataclass(frozen=True)
class Trend:
    """What to draw; points are from the upper left corner, and an unknown day interrupts a line.

    Attributes
    ----------
    sales
        Lines of what was sold.
    forecast, band
        The line to come, and the area of its 80% bounds.
    levels, days
        What the axes say: (place, text).
    """

    width: float
    height: float
    sales: list[list[Point]]
    forecast: list[Point]
    band: list[Point]
    levels: list[tuple[float, str]]
    days: list[tuple[float, str]]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.sales and not self.forecast


def trend_of(figures: Mapping[str, Any], width: float, height: float) -> Trend:
    """Lay out the last ninety days of a snapshot and the days ahead."""
    sold = [(date.fromisoformat(day[0]), day[1]) for day in figures["days"][-DAYS:]]
    ahead = figures["forecast"]["points"] if figures["forecast"] else []
    come = [(date.fromisoformat(point[0]), *point[1:4]) for point in ahead]
    days = [day for day, _ in sold] + [row[0] for row in come]
    amounts = [units for _, units in sold if units is not None]
    amounts += [value for row in come for value in row[1:] if value is not None]
    if not amounts:
        return Trend(width, height, [], [], [], [], [])
    first, span = min(days), max((max(days) - min(days)).days, 1)
    top = _round_up(max(amounts))

    def place(day: date, units: float) -> Point:
        return round((day - first).days / span * width, 1), round(height - units / top * height, 1)

    lower = [place(day, low if low is not None else yhat) for day, yhat, low, _ in come]
    upper = [place(day, high if high is not None else yhat) for day, yhat, _, high in come]
    return Trend(
        width,
        height,
        [[place(*known) for known in line] for line in _known_lines(sold)],
        [place(row[0], row[1]) for row in come],
        [*lower, *reversed(upper)],
        [(place(first, top * part / 4)[1], f"{top * part / 4:,.4g}") for part in range(5)],
        [(place(day, 0)[0], day.strftime("%m-%d")) for day in _ticks(first, span)],
    )


def _known_lines(sold: Sequence[tuple[date, float | None]]) -> list[list[tuple[date, float]]]:
    """Cut days into lines without an unknown one."""
    found = []
    for known, days in groupby(sold, key=lambda row: row[1] is not None):
        if known:
            found.append([(day, float(units or 0)) for day, units in days])
    return found


def _ticks(first: date, span: int) -> list[date]:
    step = max(span // 6, 1)
    return [first + timedelta(days=days) for days in range(0, span + 1, step)]


def _round_up(value: float) -> float:
    """Return the next of 1, 2, 4, 5, 8 or 10 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 1.0
    while power * 10 <= value:
        power *= 10
    while power > value:
        power /= 10
    return next(power * step for step in (1, 2, 4, 5, 8, 10) if power * step >= value)
