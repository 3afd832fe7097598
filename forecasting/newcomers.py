"""Pretended newcomers: what would have been forecast of old products, had they just begun to sell."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from forecasting.analogues import MATURE, Analogues
from forecasting.grid import Array, Grid
from forecasting.intervals import size
from forecasting.model import naive

NEWCOMERS = "Analogues"
TRIALS = ((0, 3), (1, 7))
LEAST_OLD = 4
Rows = npt.NDArray[np.int64]


def pretend(grid: Grid, h: int, days: int, window: int) -> tuple[Grid, Rows]:
    """Hide all but the last days of every second series before a window.

    Parameters
    ----------
    grid : Grid
        The panel.
    h : int
        Days of a window.
    days : int
        Days that the newcomers are known.
    window : int
        Which window: 0 is the last, 1 the one before.

    Returns
    -------
    Grid, (m,) array of int
        What is known at the cutoff of the window, and the series that were cut.
    """
    stop = grid.length - (window + 1) * h
    young = np.sort(np.random.default_rng(window).permutation(len(grid.ids))[::2])
    y = grid.y.copy()
    y[young, : max(stop - days, 0)] = np.nan
    view = replace(grid, y=y).until(stop)
    vars(view).update(idle=grid.idle[:stop], closed=grid.closed)
    return view, young


def trial(grid: Grid, h: int) -> dict[str, Array]:
    """Forecast pretended newcomers of three and of seven days by seasonal naive and by their analogues.

    Returns
    -------
    dict
        ``SeasonalNaive`` and ``Analogues`` -> errors in units of the series' size, (m, 1, h); empty where
        there are too few old series to cut.
    """
    old = np.flatnonzero(np.isfinite(grid.y[:, : -2 * h]).sum(axis=1) >= MATURE)
    if len(old) < LEAST_OLD:
        return {}
    grid = grid.take(old)
    errors: dict[str, list[Array]] = {"SeasonalNaive": [], NEWCOMERS: []}
    for window, days in TRIALS:
        view, young = pretend(grid, h, days, window)
        y = grid.y[young, view.length : view.length + h]
        unit = size(grid.likely[young, : view.length])[:, None]
        for alias, yhat in (
            ("SeasonalNaive", naive(view, h)),
            (NEWCOMERS, Analogues().fit_grid(view).forecast(view, h)),
        ):
            open_ = ~grid.closed[young, view.length : view.length + h]
            errors[alias].append(np.where(open_, (y - yhat[young]) / unit, np.nan))
    return {alias: np.concatenate(found)[:, None] for alias, found in errors.items()}
