"""The regression without and with some past columns, from one pass over what both share."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from forecasting.design import Days, Design, PastDesign, apply
from forecasting.frame import SEASON
from forecasting.grid import Array, Grid
from forecasting.local_ridge import LocalRidge
from forecasting.model import ceiling
from forecasting.regression import Regression, past_rows
from forecasting.trailing import trailing_mean

OWN = "(own sales)"
GROWTH = 1.15


class Twins(Regression):
    """A regression without some past columns, and a last layer that says what they would change.

    Both twins share everything else, so they differ only by what the columns say. Among what they share are
    the series' own sales of the last days, day by day: a column that only follows sales must not earn what
    sales have already said (Granger, 1969).

    Parameters
    ----------
    h : int
        The longest horizon to learn.
    alias : str
        Name of the forecast column.
    ignore : tuple of str
        The past columns that only one twin sees.

    Attributes
    ----------
    felt_ : list of (n, P) array
        Coefficients of those columns, by week of the horizon.
    """

    def __init__(self, h: int = 7, alias: str = "Twins", ignore: tuple[str, ...] = ()) -> None:
        super().__init__(h, alias, ignore)

    def fit_grid(self, grid: Grid) -> "Twins":
        """Learn from a grid; its last known day is the cutoff."""
        self.felt_: list[Array] = []
        self._said = self._of(grid)
        return super().fit_grid(grid)

    def _view(self, grid: Grid) -> Grid:
        if OWN in grid.spec.past:
            return grid
        seen = super()._view(grid)
        spec = replace(seen.spec, past=(*seen.spec.past, OWN))
        return replace(seen, past=np.concatenate([seen.past, _own(seen)[:, :, None]], axis=2), spec=spec)

    def _of(self, grid: Grid) -> PastDesign:
        others = [name for name in grid.spec.past if name not in self.ignore]
        return PastDesign(grid.honest.narrow(grid.spec.without_past(others)))

    def _learn_past(self, past: PastDesign, week: range, origins: Days, left: list[Array]) -> None:
        super()._learn_past(past, week, origins, left)
        rest = [
            residual - apply(features, self.past_[-1])
            for features, residual in past_rows(past, week, origins, left)
        ]
        self.felt_.append(LocalRidge(margin=0.0).fit(past_rows(self._said, week, origins, rest)).coef_)

    def forecast_both(self, grid: Grid, h: int) -> tuple[Array, Array]:
        """Forecast without and with the columns, each (n, h)."""
        without = self.forecast_grid(grid, h)
        if not self.felt_:
            return without, without
        said, origin = self._of(grid), np.array([grid.length - 1])
        scale = Design(self._view(grid), 0, self.exog_).scale
        change = np.zeros_like(without)
        for k in range(1, h + 1):
            change[:, k - 1] = apply(said.features(k, origin), self.felt_[(k - 1) // SEASON])[:, 0] * scale
        with_ = np.expm1(np.clip(np.log1p(without) + change, 0.0, ceiling(grid)[:, None]))
        plain = np.isin(grid.ids, list(self.fallbacks_))[:, None] | (without == 0) | (change == 0)
        return without, np.where(plain, without, with_)


@dataclass(frozen=True)
class TwinForecasts:
    """Sales and both forecasts of consecutive windows of ``h`` days, (n, D) in order of days.

    Sales are NaN where unknown or where a series had no history at the cutoff.
    """

    h: int
    y: Array
    without: Array
    with_: Array

    def last(self, n_windows: int) -> "TwinForecasts":
        """Keep the last windows only."""
        days = slice(-n_windows * self.h, None)
        return TwinForecasts(self.h, self.y[:, days], self.without[:, days], self.with_[:, days])


def run_twins(grid: Grid, columns: tuple[str, ...], h: int, starts: Sequence[int]) -> TwinForecasts:
    """Forecast windows that begin on days ``starts``, each with nothing but what was known the day before.

    To save time the twins learn anew only when the history has grown by 15%; in between they see the newest
    days, but keep their coefficients.
    """
    twins, learned = Twins(h, ignore=columns), 0.0
    y, pairs = [], []
    for start in starts:
        view = grid.until(start)
        if start >= GROWTH * learned:
            twins.fit_grid(view)
            learned = start
        else:
            twins.see(view)
        known = np.isfinite(view.y).any(axis=1, keepdims=True)
        y.append(np.where(known, grid.y[:, start : start + h], np.nan))
        pairs.append(twins.forecast_both(view, h))
    without, with_ = (np.concatenate(side, axis=1) for side in zip(*pairs, strict=True))
    return TwinForecasts(h, np.concatenate(y, axis=1), without, with_)


def _own(grid: Grid) -> Array:
    """Return log sales against the same weekday of the four weeks before, (n, T)."""
    log = np.log1p(grid.demand)
    usual = np.full_like(log, np.nan)
    usual[:, SEASON:] = trailing_mean(log, 4, SEASON)[:, :-SEASON]
    return log - usual
