"""A global ridge regression, one per day of the horizon, with corrections of each series' own."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.linear_model import ElasticNet, Ridge

from forecasting.design import Days, Design, Features, PastDesign, apply
from forecasting.exog_scale import ExogScale
from forecasting.frame import SEASON
from forecasting.grid import Array, Grid
from forecasting.local_ridge import LocalRidge, Rows
from forecasting.model import TWO_SEASONS, Forecaster, State, ceiling, naive

MAX_ROWS = 400_000
MAX_GLOBAL_ROWS = 120_000
MAX_STEPS = 10_000


class Regression(Forecaster):
    """Direct multi-horizon regression on log sales, shared by all series.

    For each day k of the horizon a ridge regression (Hoerl & Kennard, 1970) maps lags, rolling means, the
    same weekday before, the calendar and the known-ahead columns to log(1 + sales) relative to the series'
    level and spread. Two further layers correct it series by series, week by week of the horizon: one with
    weekdays, days off and known-ahead columns, one with the past columns. Both are shrunk by
    cross-validation, so a past column without worth changes nothing. All layers add up on the log scale,
    which is what makes the forecast explainable. The forecast is the median: as likely too high as too low.

    Parameters
    ----------
    h : int
        The longest horizon to learn.
    alias : str
        Name of the forecast column.
    ignore : tuple of str
        Past columns it does without.
    alpha : float
        Strength of the global ridge.
    shared_alpha : float
        The same for columns that all series share, counted in days.
    l1_ratio : float
        Part of that strength that goes into absolute size, so that columns of little worth get no weight at
        all (elastic net, Zou & Hastie, 2005); 0 is ridge.
    max_days : int
        Days of history to learn from.
    """

    separable = True
    concurrent = True

    def __init__(
        self,
        h: int = 14,
        alias: str = "Regression",
        ignore: tuple[str, ...] = (),
        alpha: float = 100.0,
        shared_alpha: float = 30.0,
        l1_ratio: float = 0.0,
        max_days: int = 730,
    ) -> None:
        self.h = h
        self.alias = alias
        self.ignore = ignore
        self.alpha = alpha
        self.shared_alpha = shared_alpha
        self.l1_ratio = l1_ratio
        self.max_days = max_days

    def _learn(self, grid: Grid) -> None:
        self.exog_ = ExogScale.of(grid)
        design, past = Design(grid, 0, self.exog_), PastDesign(grid)
        origins = self._origins(grid)
        self.coef_ = np.zeros((self.h, len(design.names)))
        self.intercept_ = np.zeros(self.h)
        self.own_: list[Array] = []
        self.past_: list[Array] = []
        if len(origins) < SEASON:
            reason = f"the panel has only {grid.length} days: seasonal naive"
            self.fallbacks_ = dict.fromkeys(grid.ids, reason) | self.fallbacks_
            return
        for first in range(1, self.h + 1, SEASON):
            self._learn_week(design, past, range(first, min(first + SEASON, self.h + 1)), origins)

    def _learn_week(self, design: Design, past: PastDesign, week: range, origins: Days) -> None:
        residuals: list[Array] = []
        own: list[Features] = []
        for k in week:
            rows = origins[origins + k < design.grid.length]
            residuals.append(self._learn_global(design, k, rows))
            own.append(design.own(k, rows))
        layer = LocalRidge().fit(zip(own, residuals, strict=True))
        self.own_.append(layer.coef_)
        if past.names:
            left = [r - apply(x, layer.coef_) for r, x in zip(residuals, own, strict=True)]
            self._learn_past(past, week, origins, left)

    def _learn_past(self, past: PastDesign, week: range, origins: Days, left: list[Array]) -> None:
        rows = past_rows(past, week, origins, left)
        self.past_.append(LocalRidge(margin=1.0).fit(rows).coef_)

    def _learn_global(self, design: Design, k: int, origins: Days) -> Array:
        """Fit the shared regression of day k; return its residuals, (n, R)."""
        features, target = design.known(k, origins), design.target(k, origins)
        known = np.isfinite(target)
        flat = np.flatnonzero(known.ravel())
        if len(flat) == 0:
            return np.asarray(target)
        flat = flat[:: -(-len(flat) // MAX_GLOBAL_ROWS)]
        x, y = features.reshape(-1, features.shape[2])[flat], target.ravel()[flat]
        mean, spread = x.mean(axis=0, dtype=float), x.std(axis=0, dtype=float)
        constant = spread < 1e-6
        # A shock that all series share is one observation, however many of them show it: calendar columns
        # are shrunk by days, not by rows, so that a festival seen once is only partly believed.
        per_day = len(x) / len(np.unique(flat % target.shape[1]))
        spread[design.is_shared] = np.sqrt(self.shared_alpha * per_day / self.alpha)
        spread[constant] = np.inf
        shared = self._penalised(len(x)).fit((x - mean) / spread, y)
        self.coef_[k - 1] = shared.coef_ / spread
        self.intercept_[k - 1] = shared.intercept_ - mean @ self.coef_[k - 1]
        return np.asarray(target - features @ self.coef_[k - 1] - self.intercept_[k - 1])

    def _penalised(self, rows: int) -> Ridge | ElasticNet:
        if self.l1_ratio == 0:
            return Ridge(alpha=self.alpha, solver="cholesky")
        # Elastic net averages the loss over the rows, ridge adds it up.
        return ElasticNet(self.alpha / rows, l1_ratio=self.l1_ratio, precompute=True, max_iter=MAX_STEPS)

    def _origins(self, grid: Grid) -> Days:
        first = max(TWO_SEASONS, grid.length - self.max_days)
        step = -(-len(grid.ids) * max(grid.length - first, 1) // MAX_ROWS)
        return np.arange(grid.length - 2, first - 1, -step)[::-1]

    def forecast(self, grid: Grid, h: int) -> Array:
        """Forecast the (n, h) values after the grid's cutoff."""
        if h > self.h:
            raise ValueError(f"{self.alias} was fitted for {self.h} days ahead, not {h}")
        if not self.own_:
            return naive(grid, h)
        parts = self.contributions(grid, h)
        return np.asarray(np.expm1(np.clip(parts.total, 0.0, ceiling(grid)[:, None])))

    def contributions(self, grid: Grid, h: int, back: int = 0) -> "Contributions":
        """Split the log forecast by driver.

        Parameters
        ----------
        grid : Grid
            The grid to forecast from.
        h : int
            Days ahead, at most those learned.
        back : int
            When positive, forecasts for the last ``back`` known days are split instead, averaged per day of
            the horizon.

        Returns
        -------
        Contributions
            ``level`` (n,) and per driver (n, h), adding up to log(1 + sales).
        """
        grid = self._view(grid)
        design, past = Design(grid, 0 if back else h, self.exog_), PastDesign(grid)
        effects: dict[str, Array] = {}
        levels = []
        for k in range(1, h + 1):
            days = np.arange(grid.length - back, grid.length) - k if back else np.array([grid.length - 1])
            origins = np.maximum(days, 0)
            levels.append(design.level[:, origins].mean(axis=1))
            for driver, values in self._split(design, past, k, origins):
                effects.setdefault(driver, np.zeros((len(grid.ids), h)))[:, k - 1] += values * design.scale
        level = np.nan_to_num(levels[0])
        effects["trend"] += np.nan_to_num(np.stack(levels, axis=1)) - level[:, None]
        return Contributions(level, effects)

    def _split(self, design: Design, past: PastDesign, k: int, origins: Days) -> Iterator[tuple[str, Array]]:
        """Yield a driver and its scaled effect (n,), averaged over the origins."""
        yield "trend", np.full(len(design.grid.ids), self.intercept_[k - 1])
        week = (k - 1) // SEASON
        rows = np.searchsorted(self.grid_.ids, design.grid.ids)
        layers = [(design.names, design.known(k, origins), self.coef_[k - 1])]
        if week < len(self.own_):
            layers.append((design.own_names, design.own(k, origins), self.own_[week][rows]))
        if week < len(self.past_):
            layers.append((past.feature_names(), past.features(k, origins), self.past_[week][rows]))
        for names, features, coef in layers:
            values = features.mean(axis=1) * coef
            for index, name in enumerate(names):
                yield name.partition(":")[0], values[:, index]

    def state(self) -> State:
        """Return the coefficients of the three layers."""
        arrays = {"coef": self.coef_, "intercept": self.intercept_}
        arrays |= {f"own{i}": coef for i, coef in enumerate(self.own_)}
        meta = {"weeks": len(self.own_), "past_weeks": len(self.past_), "exog": self.exog_.to_json()}
        return meta, arrays | {f"past{i}": coef for i, coef in enumerate(self.past_)}

    def restore(self, meta: dict[str, Any], arrays: dict[str, Array]) -> None:
        """Take back what `state` returned."""
        self.exog_ = ExogScale(**meta["exog"])
        self.coef_, self.intercept_ = arrays["coef"], arrays["intercept"]
        self.own_ = [arrays[f"own{i}"] for i in range(meta["weeks"])]
        self.past_ = [arrays[f"past{i}"] for i in range(meta["past_weeks"])]


@dataclass(frozen=True)
class Contributions:
    """A log forecast split by driver.

    Attributes
    ----------
    level : (n,) array
        log(1 + sales) of the days up to the cutoff.
    effects : dict
        Driver -> (n, h) on the same scale.
    """

    level: Array
    effects: dict[str, Array]

    @property
    def total(self) -> Array:
        """log(1 + sales), (n, h)."""
        return np.asarray(self.level[:, None] + sum(self.effects.values()))


def past_rows(past: PastDesign, week: range, origins: Days, residuals: list[Array]) -> Iterator[Rows]:
    """Yield the features of the past columns beside what is left to explain, a day of the week at a time."""
    for k, residual in zip(week, residuals, strict=True):
        yield past.features(k, origins[: residual.shape[1]]), residual
