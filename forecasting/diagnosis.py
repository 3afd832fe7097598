"""What each series is made of, and what the tests say that an ARIMA's orders rest on."""

from typing import Any

import numpy as np
from statsmodels.tsa.seasonal import STL

from forecasting.arima_order import difference_tests
from forecasting.frame import SEASON
from forecasting.grid import Array, Grid
from forecasting.local import recent

DAYS = 26 * SEASON
LEAST = 8 * SEASON
TESTS = ("adf_p", "kpss_p", "weekday_p", "d", "D")


def diagnoses(grid: Grid) -> dict[str, dict[str, Any]]:
    """Take the last half year of every series apart, and test it.

    Days that are unknown or out of stock are filled as the models fill them.

    Returns
    -------
    dict
        unique_id -> what `diagnose` returns, and ``from``, the first of its days.
    """
    days = grid.days()
    return {
        uid: {"from": str(days[grid.length - len(y)].date()) if len(y) else None, **diagnose(y)}
        for uid, y in zip(grid.ids, recent(grid, DAYS), strict=True)
    }


def diagnose(y: Array) -> dict[str, Any]:
    """Take one series without gaps, (T,), apart into trend, week and remainder, and test it.

    Returns
    -------
    dict
        ``days`` (T), and where it has at least eight weeks and is not constant: ``trend, week, remainder``
        (lists of T, units, rounded to a hundredth) by STL (Cleveland et al., 1990), and ``tests``:
        ``adf_p, kpss_p, weekday_p, d, D``, see `forecasting.arima_order.difference_tests`.
    """
    if len(y) < LEAST or np.ptp(y) == 0:
        return {"days": len(y)}
    # 1 ms, where `forecasting.exponential.decompose`, which looks for years as well, takes 18.
    found = STL(y, period=SEASON).fit()
    parts = {"trend": found.trend, "week": found.seasonal, "remainder": found.resid}
    with np.errstate(divide="ignore", invalid="ignore"):  # a series that its own past tells exactly
        tests = difference_tests(y, np.zeros((len(y), 0)))
    rounded = {name: [round(float(value), 2) for value in part] for name, part in parts.items()}
    return {"days": len(y), **rounded, "tests": {name: round(tests[name], 4) for name in TESTS}}
