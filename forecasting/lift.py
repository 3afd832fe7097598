"""What past columns are worth, product by product, with a test that knows about time."""

from typing import Any

import numpy as np
from scipy.stats import false_discovery_control, t

from forecasting.backtest import Backtest, run_backtest, window_starts
from forecasting.frame import PanelError
from forecasting.grid import Array, Grid
from forecasting.regression import Regression

HORIZON = 7
WINDOWS = 8
LEVEL = 0.05
LEAST_WINDOWS = 3
WITHOUT, WITH = "without", "with"


def measure_lift(
    grid: Grid, columns: tuple[str, ...], h: int = HORIZON, n_windows: int = WINDOWS, level: float = LEVEL
) -> dict[str, Any]:
    """Compare the regression with and without past columns on rolling windows.

    Both forecasts come from the same regression; the columns enter as its last layer, so what differs is
    what they say. The mean difference of absolute errors in each window is one observation: errors within a
    window depend on each other, means of separate windows hardly do, and their t-statistic is valid under
    wide dependence (Ibragimov & Müller, 2010). The p-values of all products are turned into q-values
    (Benjamini & Hochberg, 1995), and only q below ``level`` is called an effect.

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
        wape_with, delta_mae`` (with minus without: negative is better), ``ci`` of it (95%), ``p_value,
        q_value, verdict`` (helps, none or harms).

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
    delta, low, high, p_value = compare(with_ - without)
    q_value = false_discovery_control(p_value)
    sales = np.nansum(np.where(np.isfinite(without), backtest.y, np.nan), axis=(0, 2))
    wapes = [np.nansum(loss, axis=(0, 2)) / np.where(sales > 0, sales, np.nan) for loss in (without, with_)]
    verdict = np.where(q_value >= level, "none", np.where(delta < 0, "helps", "harms"))
    return [
        {
            "unique_id": uid,
            "wape_without": _number(wapes[0][i]),
            "wape_with": _number(wapes[1][i]),
            "delta_mae": _number(delta[i]),
            "ci": [_number(low[i]), _number(high[i])],
            "p_value": float(p_value[i]),
            "q_value": float(q_value[i]),
            "verdict": str(verdict[i]),
        }
        for i, uid in enumerate(backtest.grid.ids)
    ]


def compare(difference: Array) -> tuple[Array, Array, Array, Array]:
    """Test whether the mean loss difference of each series is zero.

    Parameters
    ----------
    difference : (w, n, h) array
        Loss differences per window, series and day; NaN where unknown.

    Returns
    -------
    mean, low, high, p_value : (n,) arrays
        The mean over windows, its 95% confidence interval and the two-sided p-value; p is 1 where the
        forecasts are the same or fewer than three windows are known.
    """
    known = np.isfinite(difference)
    days = known.sum(axis=2)
    means = np.where(days > 0, np.nansum(difference, axis=2) / np.maximum(days, 1), np.nan)
    count = np.isfinite(means).sum(axis=0)
    mean = np.nansum(means, axis=0) / np.maximum(count, 1)
    square = np.nansum((means - mean) ** 2, axis=0)
    error = np.sqrt(square / np.maximum(count - 1, 1) / np.maximum(count, 1))
    testable = (count >= LEAST_WINDOWS) & (error > 0)
    freedom = np.maximum(count - 1, 1)
    ratio = np.abs(mean) / np.where(testable, error, 1.0)
    p_value = np.where(testable, 2 * t.sf(ratio, freedom), 1.0)
    reach = np.where(testable, t.ppf(0.975, freedom) * error, 0.0)
    return mean, mean - reach, mean + reach, p_value


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
