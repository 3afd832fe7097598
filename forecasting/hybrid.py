"""ARIMA for what repeats, then a regression on what it leaves over."""

from typing import Any, Self

import numpy as np
from sklearn.linear_model import Ridge

from forecasting.arima import ARIMA
from forecasting.frame import SEASON
from forecasting.grid import Array, Grid
from forecasting.local import capped, recent, regressors
from forecasting.model import Forecaster, State, under

STRENGTH = 3.0


class Hybrid(Forecaster):
    """y = ARIMA + βx (Zhang, 2003, with a linear second step), series by series.

    An ARIMA without regressors forecasts what repeats. Its errors within the history, one day ahead, are
    regressed on days off and known-ahead columns by ridge regression.

    Parameters
    ----------
    alias : str
        Name of the forecast column.
    max_days : int
        Days of history used.

    Attributes
    ----------
    coef_ : (n, C + 1) array
        Intercept and β per series.
    """

    needs = 8 * SEASON
    separable = True

    def __init__(self, alias: str = "Hybrid", max_days: int = 500) -> None:
        self.alias = alias
        self.max_days = max_days

    def _learn(self, grid: Grid) -> None:
        self.arima_ = ARIMA(max_days=self.max_days, with_regressors=False).fit_grid(grid)
        self._regress(grid)

    def update(self, grid: Grid) -> Self:
        """Estimate both steps on later history; the orders stay."""
        self.see(grid)
        self.arima_.update(self.grid_)
        self._regress(self.grid_)
        return self

    def _regress(self, grid: Grid) -> None:
        x = regressors(grid, 0, self.max_days)
        self.coef_ = np.zeros((len(grid.ids), x.shape[2] + 1))
        self.fallbacks_ |= self.arima_.fallbacks_
        for row, y in enumerate(recent(grid, self.max_days)):
            if grid.ids[row] in self.fallbacks_ or x.shape[2] == 0:
                continue
            left = self.arima_.residuals(grid.ids[row], y)
            ridge = Ridge(alpha=STRENGTH).fit(x[row][-len(y) :], left)
            self.coef_[row] = [ridge.intercept_, *ridge.coef_]

    def forecast(self, grid: Grid, h: int) -> Array:
        """Forecast the (n, h) values after the grid's cutoff."""
        rows = np.searchsorted(self.grid_.ids, grid.ids)
        ahead = regressors(grid, h, self.max_days)[:, -h:]
        coef = self.coef_[rows]
        explained = coef[:, :1] + np.einsum("nhc,nc->nh", ahead, coef[:, 1:])
        return capped(np.maximum(self.arima_.forecast(grid, h) + explained, 0.0), grid)

    def state(self) -> State:
        """Return both steps."""
        meta, arrays = self.arima_.state()
        return meta, {"coef": self.coef_} | {f"arima.{name}": value for name, value in arrays.items()}

    def restore(self, meta: dict[str, Any], arrays: dict[str, Array]) -> None:
        """Take back what `state` returned."""
        self.coef_ = arrays["coef"]
        self.arima_ = ARIMA(max_days=self.max_days, with_regressors=False)
        self.arima_.grid_, self.arima_.fallbacks_ = self.grid_, self.fallbacks_
        self.arima_.restore(meta, under(arrays, "arima."))
