"""Models of one series at a time: what they are given, and what happens where they fail."""

from abc import abstractmethod
from typing import Any

import numpy as np

from forecasting.fills import seasonal
from forecasting.grid import Array, Grid
from forecasting.model import Forecaster, State, naive

OFFS = ("off_workday", "on_weekend")
HIGHEST = 2.0


class LocalForecaster(Forecaster):
    """A forecaster that looks at each series alone, and at its history only when it is asked.

    A series that cannot be fitted gets the seasonal naive forecast.
    """

    separable = True
    max_days: int

    def _learn(self, grid: Grid) -> None:
        """Nothing: the history is enough."""

    def forecast(self, grid: Grid, h: int) -> Array:
        """Forecast the (n, h) values after the grid's cutoff."""
        values = naive(grid, h)
        sold = recent(grid, self.max_days)
        for row, y in enumerate(sold):
            if grid.ids[row] in self.fallbacks_ or np.ptp(y) < 1e-9:
                continue
            found = self._one(y, h)
            if np.isfinite(found).all():
                values[row] = found
        return capped(values, grid)

    @abstractmethod
    def _one(self, y: Array, h: int) -> Array:
        """Forecast one series of known days, (T,), h days ahead."""

    def state(self) -> State:
        """Return nothing: the history is all there is."""
        return {}, {}

    def restore(self, meta: dict[str, Any], arrays: dict[str, Array]) -> None:
        """Take back nothing."""


def recent(grid: Grid, max_days: int) -> list[Array]:
    """Return each series from its first known day, at most ``max_days`` of it, without gaps."""
    first = max(grid.length - max_days, 0)
    demand = grid.demand[:, first:]
    begun = np.where(np.isfinite(demand).any(axis=1), np.isfinite(demand).argmax(axis=1), demand.shape[1])
    return [y[start:] for y, start in zip(seasonal(demand), begun, strict=True)]


def regressors(grid: Grid, h: int, max_days: int) -> Array:
    """Return days off and known-ahead columns, (n, days + h, C), of the days that `recent` looks at."""
    first = max(grid.length - max_days, 0)
    calendar, names = grid.calendar(h)
    shared = calendar[first:, [names.index(name) for name in OFFS]]
    exog = np.nan_to_num((grid.known_ahead(h) if h else grid.future[:, : grid.length])[:, first:])
    return np.concatenate([np.broadcast_to(shared, (len(grid.ids), *shared.shape)), exog], axis=2)


def independent(x: Array) -> list[int]:
    """Return the columns of (T, C) that are neither constant nor a combination of earlier ones."""
    kept: list[int] = []
    basis = np.ones((len(x), 1)) / np.sqrt(max(len(x), 1))
    for index in range(x.shape[1]):
        rest = x[:, index] - basis @ (basis.T @ x[:, index])
        size = float(np.linalg.norm(rest))
        if size > 1e-6 * max(float(np.linalg.norm(x[:, index])), 1e-12):
            kept.append(index)
            basis = np.column_stack([basis, rest / size])
    return kept


def capped(values: Array, grid: Grid) -> Array:
    """Cut forecasts (n, h) at twice each series' record."""
    record: Array = np.nan_to_num(grid.demand).max(axis=1, initial=0.0)
    return np.asarray(np.minimum(values, HIGHEST * record[:, None]))
