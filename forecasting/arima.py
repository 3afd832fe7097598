"""ARIMA with regressors, one model a series: ADF for d, AIC for p and q."""

import warnings
from itertools import product
from typing import Any, Self

import numpy as np
from statsmodels.tools.sm_exceptions import ModelWarning
from statsmodels.tsa.arima.model import ARIMA as StatsARIMA
from statsmodels.tsa.stattools import adfuller

from forecasting.frame import SEASON
from forecasting.grid import Array, Grid
from forecasting.model import Forecaster, State, ceiling, naive

ADF_LEVEL = 0.05
GLS = {"max_iter": 3, "tolerance": 1e-4}
OFFS = ("off_workday", "on_weekend")


class ARIMA(Forecaster):
    """Regression with ARIMA errors on log(1 + sales) of the last year, series by series.

    The regressors are weekdays, days off and the known-ahead columns that varied. d is 0 when the augmented
    Dickey–Fuller test (1979) on what they leave over rejects a unit root at 5%, else 1; p and q have the
    lowest AIC (Akaike, 1974) of the grid. The order is chosen once; `update` only estimates the coefficients
    again. A series that cannot be fitted gets the seasonal naive forecast, with the reason in `fallbacks_`.

    Parameters
    ----------
    alias : str
        Name of the forecast column.
    max_order : int
        Largest p and q tried.
    max_days : int
        Days of history used.

    Attributes
    ----------
    tables_ : dict
        Per id ``{"adf_p", "order", "aic": {"p,q": value}}``, for the report.
    """

    needs = 8 * SEASON

    def __init__(self, alias: str = "ARIMA", max_order: int = 2, max_days: int = 365) -> None:
        self.alias = alias
        self.max_order = max_order
        self.max_days = max_days

    def _learn(self, grid: Grid) -> None:
        self.tables_: dict[str, dict[str, Any]] = {}
        self._estimate(grid)

    def update(self, grid: Grid) -> Self:
        """Estimate the coefficients on later history; the orders stay."""
        self.see(grid)._estimate(self.grid_)
        return self

    def _estimate(self, grid: Grid) -> None:
        self.params_: dict[str, Array] = {}
        y, x = self._data(grid, 0)
        for row, uid in enumerate(grid.ids):
            if uid in self.fallbacks_:
                continue
            try:
                self._estimate_one(uid, y[row], x[row])
            except (ValueError, np.linalg.LinAlgError) as error:
                self.fallbacks_[uid] = f"{type(error).__name__}: {error}: seasonal naive"

    def _estimate_one(self, uid: str, y: Array, x: Array) -> None:
        if np.ptp(y) < 1e-9:
            raise ValueError("the series is constant")
        x = x[:, _independent(x)]
        if uid not in self.tables_:
            self.tables_[uid] = choose_order(y, x, self.max_order)
        p, d, q = self.tables_[uid]["order"]
        params = _fit(y, x, (p, d, q))[0]
        if not np.isfinite(params).all():
            raise ValueError("the coefficients are not finite")
        self.params_[uid] = params

    def forecast(self, grid: Grid, h: int) -> Array:
        """Forecast the (n, h) values after the grid's cutoff."""
        values = naive(grid, h)
        limit = ceiling(grid)
        y, x = self._data(grid, h)
        for row, uid in enumerate(grid.ids):
            if uid in self.params_:
                known = len(y[row])
                keep = _independent(x[row, :known])
                past, ahead = x[row, :known][:, keep], x[row, known:][:, keep]
                ahead_log = _forecast(y[row], past, self.tables_[uid]["order"], self.params_[uid], ahead)
                values[row] = np.expm1(np.clip(ahead_log, 0.0, limit[row]))
        return values

    def _data(self, grid: Grid, h: int) -> tuple[Array, Array]:
        """Return the log sales (n, days) with unknown days filled, and the regressors (n, days + h, C)."""
        first = max(grid.length - self.max_days, 0)
        weekday = np.eye(SEASON)[grid.days(h).day_of_week][:, 1:]
        calendar, names = grid.calendar(h)
        shared = np.column_stack([weekday, calendar[:, [names.index(name) for name in OFFS]]])[first:]
        exog = np.nan_to_num((grid.known_ahead(h) if h else grid.future[:, : grid.length])[:, first:])
        both = np.concatenate([np.broadcast_to(shared, (len(grid.ids), *shared.shape)), exog], axis=2)
        return np.log1p(_filled(grid.demand[:, first:])), both

    def state(self) -> State:
        """Return orders and coefficients."""
        arrays = {f"params{i}": self.params_[uid] for i, uid in enumerate(sorted(self.params_))}
        return {"fitted": sorted(self.params_), "tables": self.tables_}, arrays

    def restore(self, meta: dict[str, Any], arrays: dict[str, Array]) -> None:
        """Take back what `state` returned."""
        self.tables_ = meta["tables"]
        self.params_ = {uid: arrays[f"params{i}"] for i, uid in enumerate(meta["fitted"])}


def choose_order(y: Array, x: Array, max_order: int) -> dict[str, Any]:
    """Choose d by the ADF test and p, q by AIC, both on what least squares on the regressors leaves over.

    Parameters
    ----------
    y : (T,) array
        The series.
    x : (T, C) array
        Regressors, linearly independent.
    max_order : int
        Largest p and q.

    Returns
    -------
    dict
        ``order`` [p, d, q], ``adf_p`` and the table ``aic`` of every p and q tried.
    """
    design = np.column_stack([np.ones(len(y)), x])
    rest = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    p_value = _adf(rest)
    d = int(p_value >= ADF_LEVEL)
    table: dict[str, float] = {}
    for p, q in product(range(max_order + 1), repeat=2):
        try:
            table[f"{p},{q}"] = _fit(rest, x[:, :0], (p, d, q))[1]
        except (ValueError, np.linalg.LinAlgError):
            continue
    finite = {key: value for key, value in table.items() if np.isfinite(value)}
    if not finite:
        raise ValueError("no order could be fitted")
    p, q = map(int, min(finite, key=lambda key: finite[key]).split(","))
    return {"order": [p, d, q], "adf_p": p_value, "aic": finite}


def _adf(rest: Array) -> float:
    """Return the p-value of a unit root; a series without variance has none."""
    if np.ptp(rest) < 1e-9:
        return 0.0
    test = adfuller(rest, autolag="AIC", maxlag=2 * SEASON, regression="c", result_object=True)
    return float(test.pvalue)


def _model(y: Array, x: Array, order: tuple[int, int, int]) -> StatsARIMA:
    p, d, q = order
    return StatsARIMA(y, x if x.shape[1] else None, order=(p, d, q), trend="n" if d else "c")


def _fit(y: Array, x: Array, order: tuple[int, int, int]) -> tuple[Array, float]:
    """Return coefficients and AIC by the innovations algorithm (Brockwell & Davis, 1988)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ModelWarning)
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        result = _model(y, x, order).fit(method="innovations_mle", gls_kwargs=GLS)
    return np.asarray(result.params, dtype=float), float(result.aic)


def _forecast(y: Array, x: Array, order: list[int], params: Array, ahead: Array) -> Array:
    p, d, q = order
    fitted = _model(y, x, (p, d, q)).filter(params)
    return np.asarray(fitted.forecast(len(ahead), exog=ahead if ahead.shape[1] else None), dtype=float)


def _independent(x: Array) -> list[int]:
    """Return the columns that are neither constant nor a combination of earlier ones."""
    kept: list[int] = []
    basis = np.ones((len(x), 1)) / np.sqrt(len(x))
    for index in range(x.shape[1]):
        rest = x[:, index] - basis @ (basis.T @ x[:, index])
        size = float(np.linalg.norm(rest))
        if size > 1e-6 * max(float(np.linalg.norm(x[:, index])), 1e-12):
            kept.append(index)
            basis = np.column_stack([basis, rest / size])
    return kept


def _filled(y: Array) -> Array:
    """Fill unknown days with the same weekday before, else after, else the mean: (n, T)."""
    filled = y.copy()
    for order in (range(SEASON, y.shape[1]), range(y.shape[1] - SEASON - 1, -1, -1)):
        step = SEASON if order.step > 0 else -SEASON
        for day in order:
            gap = np.isnan(filled[:, day])
            filled[gap, day] = filled[gap, day - step]
    known = np.isfinite(y)
    mean = np.where(known, y, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return np.where(np.isnan(filled), mean[:, None], filled)
