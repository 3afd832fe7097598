"""When the level of a series changed, and by how much."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecasting.frame import SEASON
from forecasting.grid import Array, Grid

MOST_WEEKS = 104
LEAST_WEEKS = 3
PENALTY = 4.0
NEAR = 8 * SEASON
ROUGH = SEASON - 1
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Change:
    """A day from which a series sells at another level.

    Parameters
    ----------
    ds : Timestamp
        The first day of the new level.
    before, after : float
        Mean sales of a day in the weeks around it, at most eight on each side and up to the next change.
    """

    ds: pd.Timestamp
    before: float
    after: float

    def to_json(self) -> dict[str, Any]:
        """Return the change as JSON-ready values."""
        return {"ds": str(self.ds.date()), "before": self.before, "after": self.after}


def change_points(grid: Grid) -> dict[str, list[Change]]:
    """Find the changes of level of each series in its last two years.

    Logarithms of weekly means, so that weekdays and closed days do not matter, are split into the segments
    of least squares with a penalty for each split (Jackson et al., 2005; Killick, Fearnhead & Eckley, 2012),
    at least three weeks each. The penalty grows with the series' own noise, taken from how much neighbouring
    weeks differ. The day is then looked for around the week.

    Returns
    -------
    dict
        unique_id -> changes in order of time; every series is named.
    """
    weeks, weight = weekly_levels(grid.demand)
    splits = segments(weeks, weight, PENALTY * np.log(np.maximum(weeks.shape[1], 2)) * noise(weeks, weight))
    first = grid.length - SEASON * weeks.shape[1]
    return {
        uid: _dated(grid, row, [first + SEASON * week for week in found])
        for row, (uid, found) in enumerate(zip(grid.ids, splits, strict=True))
    }


def changes_of(grid: Grid) -> dict[str, list[dict[str, Any]]]:
    """Return `change_points` as JSON-ready values."""
    return {uid: [change.to_json() for change in found] for uid, found in change_points(grid).items()}


def weekly_levels(demand: Array) -> tuple[Array, Array]:
    """Return log(1 + mean sales) of each week up to the last day, and its share of known days, (n, W)."""
    count = min(demand.shape[1] // SEASON, MOST_WEEKS)
    days = demand[:, demand.shape[1] - SEASON * count :].reshape(len(demand), count, SEASON)
    known = np.isfinite(days)
    total = np.where(known, days, 0.0).sum(axis=2)
    return np.log1p(total / np.maximum(known.sum(axis=2), 1)), known.mean(axis=2)


def noise(weeks: Array, weight: Array) -> Array:
    """Return the variance of a week's level, (n,): from neighbouring weeks, and at least that of counts."""
    steps = np.diff(weeks, axis=1)
    known = (weight[:, 1:] > 0) & (weight[:, :-1] > 0)
    spread = np.array(
        [np.median(np.abs(row[here])) if here.any() else 0.0 for row, here in zip(steps, known, strict=True)]
    )
    mean = np.expm1((weeks * weight).sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-9))
    least = np.maximum(mean, 1 / SEASON) / SEASON / (1 + mean) ** 2
    return np.asarray(np.maximum((1.4826 * spread) ** 2 / 2, least))


def segments(values: Array, weight: Array, penalty: Array) -> list[list[int]]:
    """Split each row where that lowers the weighted squared error by more than a penalty, exactly.

    Parameters
    ----------
    values, weight : (n, W) arrays
        A weight of zero leaves a value out.
    penalty : (n,) array
        What a split costs.

    Returns
    -------
    list of list of int
        For each row, where its segments after the first begin.
    """
    n, length = values.shape
    sums = [
        np.pad(np.cumsum(part, axis=1), ((0, 0), (1, 0)))
        for part in (weight, weight * values, weight * values**2, (weight > 0).astype(float))
    ]
    best = np.full((n, length + 1), np.inf)
    best[:, 0] = -penalty
    origin = np.zeros((n, length + 1), dtype=np.int64)
    for end in range(1, length + 1):
        mass, first, square, count = (total[:, [end]] - total[:, :end] for total in sums)
        cost = square - first**2 / np.maximum(mass, 1e-9)
        # The first segment may hold nothing yet, where a series begins later.
        allowed = (count >= LEAST_WEEKS) | (np.arange(end) == 0)
        whole = np.where(allowed, best[:, :end] + cost + penalty[:, None], np.inf)
        origin[:, end] = whole.argmin(axis=1)
        best[:, end] = whole.min(axis=1)
    return [_walk(row, length, begun) for row, begun in zip(origin, sums[3], strict=True)]


def _walk(origin: Numbers, end: int, count: Array) -> list[int]:
    found: list[int] = []
    while end > 0:
        end = int(origin[end])
        if count[end] >= LEAST_WEEKS:
            found.insert(0, end)
    return found


def _dated(grid: Grid, row: int, starts: list[int]) -> list[Change]:
    y = grid.demand[row]
    if not starts:
        return []
    weekday = grid.days().dayofweek.to_numpy()
    usual = np.array(
        [
            np.nanmean(y[weekday == day]) if np.isfinite(y[weekday == day]).any() else 1.0
            for day in range(SEASON)
        ]
    )
    level = y / np.maximum(usual / max(float(np.nanmean(y)), 1e-9), 0.05)[weekday]
    days = [_day(level, start) for start in starts]
    edges = [0, *days, grid.length]
    changes = []
    for index, day in enumerate(days):
        before = y[max(edges[index], day - NEAR) : day]
        after = y[day : min(edges[index + 2], day + NEAR)]
        if np.isfinite(before).any() and np.isfinite(after).any():
            changes.append(Change(grid.days()[day], float(np.nanmean(before)), float(np.nanmean(after))))
    return changes


def _day(level: Array, start: int) -> int:
    """Return the day around the start of a week that splits the weeks beside it best."""
    low, high = max(start - 3 * SEASON, 0), min(start + 3 * SEASON, len(level))
    candidates = range(max(start - ROUGH, low + 1), min(start + ROUGH + 1, high))
    errors = [_squares(level[low:day]) + _squares(level[day:high]) for day in candidates]
    return candidates[int(np.argmin(errors))] if errors else start


def _squares(values: Array) -> float:
    known = values[np.isfinite(values)]
    return float(((known - known.mean()) ** 2).sum()) if len(known) else 0.0
