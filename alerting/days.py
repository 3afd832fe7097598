"""The days of one product, as columns, and sums over windows of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Days:
    """What is stored about a product, a number per day without gaps.

    Attributes
    ----------
    start
        The first day.
    columns
        Name to array of shape (days,). Counts of the day on which reviews arrived: ``reviews``, ``negative``,
        ``positive``, ``suspects``, and ``complaints:ASPECT`` (different people who blame it). Of sales:
        ``units`` (NaN where unknown), ``stockout``. Of forecasts: ``yhat`` and ``low`` (the lower end of the
        80% band), as said last before the day; ``ahead``, the sum over the 14 days after a day of which there
        is a forecast made at its end. Of the calendar: ``special``, 1 on days of large promotions and
        festivals; ``special_ahead``, how many of the next 14 days are such.
    """

    start: date
    columns: Mapping[str, Floats]

    def __len__(self) -> int:
        """Return the number of days."""
        return max((len(values) for values in self.columns.values()), default=0)

    def __getitem__(self, name: str) -> Floats:
        """Return a column; one that is not stored is NaN on every day."""
        return self.columns[name] if name in self.columns else np.full(len(self), np.nan)

    @property
    def aspects(self) -> list[str]:
        """The aspects that anybody blamed, in order."""
        return sorted(name.partition(":")[2] for name in self.columns if name.startswith("complaints:"))

    @property
    def ordinary(self) -> Flags:
        """Days whose sales compare with others': known, in stock, and no promotion or festival."""
        closed = np.nan_to_num(self["stockout"]) > 0
        special = np.nan_to_num(self["special"]) > 0
        return ~np.isnan(self["units"]) & ~closed & ~special

    def day(self, place: int) -> date:
        """Return the date of a place in the columns."""
        return self.start + timedelta(days=int(place))


def trailing(values: Floats, days: int, lag: int = 0) -> Floats:
    """Sum over the `days` days that end `lag` days before each day; NaN counts as 0, and so does the past.

    >>> trailing(np.array([1.0, 2.0, 3.0]), 2).tolist(), trailing(np.array([1.0, 2.0, 3.0]), 2, 1).tolist()
    ([1.0, 3.0, 5.0], [0.0, 1.0, 3.0])
    """
    total = np.concatenate([[0.0], np.cumsum(np.nan_to_num(values))])
    ends = np.arange(1, len(values) + 1) - lag
    found: Floats = total[np.maximum(ends, 0)] - total[np.maximum(ends - days, 0)]
    return found


def following(values: Floats, days: int) -> Floats:
    """Sum over the `days` days after each day; NaN where the data ends before.

    >>> following(np.array([1.0, 2.0, 3.0]), 2).tolist()
    [5.0, nan, nan]
    """
    found = np.full(len(values), np.nan)
    if len(values) > days:
        found[: len(values) - days] = trailing(values, days)[days:]
    return found


def ratio(total: Floats, count: Floats) -> Floats:
    """Divide; NaN where there is nothing to divide by."""
    found: Floats = np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)
    return found
