"""What each series is made of, and what the tests say that an ARIMA's orders rest on."""

from typing import Any

import numpy as np

from forecasting.arima_order import difference_tests
from forecasting.exponential import decompose
from forecasting.frame import SEASON
from forecasting.grid import Array, Grid
from forecasting.local import recent

DAYS = 26 * SEASON
LEAST = 8 * SEASON
PARTS = ("trend", "week", "remainder")
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
    parts = decompose(y)
    tests = difference_tests(y, np.zeros((len(y), 0)))
    found = {name: [round(float(value), 2) for value in parts[name]] for name in PARTS}
    return {"days": len(y), **found, "tests": {name: round(tests[name], 4) for name in TESTS}}
