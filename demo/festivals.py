"""The shopping year: which days carry a promotion, and what festivals do to demand."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
from lunardate import LunarDate
from numpy.typing import NDArray

# First day, last day and the day of the rush, by month and day.
_SALES = (
    ((3, 5), (3, 8), (3, 8)),
    ((6, 1), (6, 3), (6, 1)),
    ((6, 15), (6, 20), (6, 18)),
    ((9, 7), (9, 9), (9, 9)),
    ((10, 31), (11, 3), (11, 1)),
    ((11, 8), (11, 11), (11, 11)),
    ((12, 10), (12, 12), (12, 12)),
)
_NIANHUO = (-28, -15)
_SPRING_FESTIVAL = (-4, 5)
RUSH = 1.35
SLUMP = 0.88
HOLIDAY = 0.55


def platform_sales(days: Sequence[dt.date]) -> NDArray[np.bool_]:
    """Return, per day, whether the platform runs a sale (38, 618, 99, 双11, 双12, 年货节), shape (n,)."""
    return np.array([any(first <= day <= last for first, last, _ in _of_year(day)) for day in days])


def festival_factor(days: Sequence[dt.date]) -> NDArray[np.float64]:
    """Return, per day, the factor of rush days, of the days after a sale and of 春节, shape (n,)."""
    return np.array([_factor(day) for day in days])


def _factor(day: dt.date) -> float:
    holiday = _new_year(day.year)
    if _SPRING_FESTIVAL[0] <= (day - holiday).days <= _SPRING_FESTIVAL[1]:
        return HOLIDAY
    for first, last, rush in _of_year(day):
        if day == rush:
            return RUSH
        if first <= day <= last:
            return 1.0
    if any(0 < (day - last).days <= 4 for _, last, _ in _of_year(day)):
        return SLUMP
    return 1.0


def _of_year(day: dt.date) -> list[tuple[dt.date, dt.date, dt.date]]:
    spans = [tuple(dt.date(day.year, *part) for part in span) for span in _SALES]
    first, last = (_new_year(day.year) + dt.timedelta(days=n) for n in _NIANHUO)
    return [(a, b, c) for a, b, c in spans] + [(first, last, first + dt.timedelta(days=3))]


def _new_year(year: int) -> dt.date:
    found: dt.date = LunarDate(year, 1, 1).to_solar_date()
    return found
