"""What past columns are worth, product by product, with a test that knows about time."""

from typing import Any

import numpy as np
from scipy.stats import false_discovery_control, t

from forecasting.backtest import Backtest, run_backtest, window_starts
from forecasting.diebold_mariano import block_bootstrap, diebold_mariano, difference_mean
from forecasting.frame import PanelError
from forecasting.grid import Array, Grid
from forecasting.regression import Regression

HORIZON = 7
WINDOWS = 8
LEVEL = 0.05
LEAST_WINDOWS = 3
LEAST_INFLATION = 0.5
OUTLIER = 3.0
WITHOUT, WITH = "without", "with"


def measure_lift(
    grid: Grid, columns: tuple[str, ...], h: int = HORIZON, n_windows: int = WINDOWS, level: float = LEVEL
) -> dict[str, Any]:
    """Compare the regression with and without past columns on rolling windows.

    Both forecasts come from the same regression; the columns enter as its last layer, so what differs is
    what they say. Whether that is worth anything is a test of forecast encompassing, see `encompassing`: a
    mean difference of errors alone can hardly show it in a few weeks, because most days nothing is said
    (Clark & West, 2007, on nested models). The p-values of all products are turned into q-values (Benjamini &
    Hochberg, 1995). A column helps or harms where q is below ``level`` and the mean absolute error moved the
    same way.

    Parameters
    ----------
    grid : Grid
        The panel, with the columns among its past columns.
    columns : tuple of str
        The columns whose worth is measured.
    h, n_windows : int
        Days per window and windows; as many as the history allows, but at least three.
    level : float
        Highest q-value called an effect.

    Returns
    -------
    dict
        ``columns, horizon, windows, level`` and ``products``: per product ``unique_id, wape_without,
        wape_with, delta_mae, delta_wape`` (with minus without: negative is better), ``ci`` of the former
        (95%, by block bootstrap), ``dm_statistic, dm_p_value`` (Diebold–Mariano), ``p_value, q_value``
        (encompassing) and ``verdict`` (helps, none or harms).

    Raises
    ------
    PanelError
        For unknown columns, or when the history is too short for three windows.
    """
    unknown = [column for column in columns if column not in grid.spec.past]
    if unknown or not columns:
        raise PanelError(f"not among the past columns: {', '.join(unknown) or 'no column was given'}")
    while n_windows > LEAST_WINDOWS and n_windows * h + 8 * h > grid.length:
        n_windows -= 1
    window_starts(grid.length, h, n_windows)
    models = [Regression(h=h, alias=WITHOUT, ignore=columns), Regression(h=h, alias=WITH)]
    backtest = run_backtest(models, grid, h, n_windows, calibration=0)
    products = _products(backtest, level)
    return {
        "columns": list(columns),
        "horizon": h,
        "windows": n_windows,
        "level": level,
        "products": products,
    }


def _products(backtest: Backtest, level: float) -> list[dict[str, Any]]:
    everything = slice(None)
    without, with_ = (np.abs(backtest.errors(alias, everything)) for alias in (WITHOUT, WITH))
    difference = (with_ - without).transpose(1, 0, 2).reshape(without.shape[1], -1)
    delta = difference_mean(difference)
    low, high = block_bootstrap(difference, 2 * backtest.h)
    statistic, dm_p_value = diebold_mariano(difference, backtest.h)
    error, correction = _logs(backtest)
    direction, p_value = encompassing(error, correction, 2 * backtest.h)
    q_value = false_discovery_control(p_value)
    sales = np.nansum(np.where(np.isfinite(without), backtest.y, np.nan), axis=(0, 2))
    wapes = [np.nansum(loss, axis=(0, 2)) / np.where(sales > 0, sales, np.nan) for loss in (without, with_)]
    agree = np.sign(direction) == -np.sign(np.nan_to_num(delta))
    verdict = np.where((q_value >= level) | ~agree, "none", np.where(delta < 0, "helps", "harms"))
    return [
        {
            "unique_id": uid,
            "wape_without": _number(wapes[0][i]),
            "wape_with": _number(wapes[1][i]),
            "delta_mae": _number(delta[i]),
            "delta_wape": _number(wapes[1][i] - wapes[0][i]),
            "ci": [_number(low[i]), _number(high[i])],
            "dm_statistic": float(statistic[i]),
            "dm_p_value": float(dm_p_value[i]),
            "p_value": float(p_value[i]),
            "q_value": float(q_value[i]),
            "verdict": str(verdict[i]),
        }
        for i, uid in enumerate(backtest.grid.ids)
    ]


def _logs(backtest: Backtest) -> tuple[Array, Array]:
    """Return log errors without the columns and what the columns change, in order of days, (n, D)."""
    known = np.isfinite(backtest.errors(WITHOUT, slice(None)))
    actual, without, with_ = (
        np.log1p(values).transpose(1, 0, 2).reshape(values.shape[1], -1)
        for values in (np.where(known, backtest.y, np.nan), backtest.yhat[WITHOUT], backtest.yhat[WITH])
    )
    return actual - without, with_ - without


def encompassing(error: Array, correction: Array, reach: int) -> tuple[Array, Array]:
    """Test whether a correction points to where a forecast is wrong.

    The statistic is the slope of error on correction (Harvey, Leybourne & Newbold, 1998). Errors of near
    days resemble each other, so its variance uses the autocorrelation of what the slope leaves over, pooled
    over all series because one series alone shows too little of it. Errors are cut at three robust standard
    deviations.

    Parameters
    ----------
    error : (n, D) array
        What happened minus the forecast without the correction, NaN where unknown.
    correction : (n, D) array
        What the correction changes.
    reach : int
        Days over which errors may resemble each other.

    Returns
    -------
    statistic, p_value : (n,) arrays
        Positive where the correction is right; p is two-sided, and 1 where nothing is corrected.
    """
    known = np.isfinite(error)
    correction = np.where(known, correction, 0.0)
    limit = (
        OUTLIER
        * 1.4826
        * np.array([np.median(np.abs(e[k])) if k.any() else 0.0 for e, k in zip(error, known, strict=True)])
    )
    error = np.clip(np.where(known, error, 0.0), -limit[:, None], limit[:, None])
    alone = (correction**2).sum(axis=1)
    corrected = alone > 0
    divisor = np.where(corrected, alone, 1.0)
    slope = (error * correction).sum(axis=1) / divisor
    rest = error - slope[:, None] * correction
    size = np.sqrt((rest**2).mean(axis=1, keepdims=True))
    likeness = _autocorrelation(rest / np.where(size > 0, size, 1.0), reach)
    pairs = sum(
        rho * (correction[:, lag:] * correction[:, :-lag]).sum(axis=1) for lag, rho in enumerate(likeness, 1)
    )
    inflation = np.maximum(1 + 2 * pairs / divisor, LEAST_INFLATION)
    # Days that resemble each other count as fewer: as many as would be as uncertain were they independent.
    freedom = np.maximum(known.sum(axis=1) / inflation - 1, 1.0)
    error_of_slope = np.sqrt((rest**2).sum(axis=1) / freedom / divisor)
    testable = corrected & (error_of_slope > 0)
    statistic = np.where(testable, slope / np.where(testable, error_of_slope, 1.0), 0.0)
    return statistic, np.where(testable, 2 * t.sf(np.abs(statistic), freedom), 1.0)


def _autocorrelation(scaled: Array, reach: int) -> list[float]:
    """Return the autocorrelation at lags 1 … reach, pooled over series."""
    total = max(float((scaled**2).mean()), 1e-12)
    lags = range(1, min(reach, scaled.shape[1] - 1) + 1)
    return [float((scaled[:, lag:] * scaled[:, :-lag]).mean()) / total for lag in lags]


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
