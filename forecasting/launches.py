"""How sales grow in the first weeks of a product's life."""

import numpy as np
import numpy.typing as npt

from forecasting.frame import SEASON
from forecasting.grid import Array, Grid

WEEKS = 8
TOGETHER = 0.1
PRIOR = 10.0
DAMPED = 0.5
SMOOTH = 29
LEAST, MOST = 0.2, 5.0
Flags = npt.NDArray[np.bool_]


def first_days(y: Array) -> npt.NDArray[np.int64]:
    """Return the index of each series' first known day, (n,); where there is none, that of the next day."""
    known = np.isfinite(y)
    return np.asarray(np.where(known.any(axis=1), known.argmax(axis=1), y.shape[1]))


def launched(grid: Grid) -> Flags:
    """Tell which series are new products whose first sales were seen, or are yet to come, (n,).

    Those that were there in the panel's first week were sold before. Where more than a tenth of all series
    begin on one day, somebody began to record them.
    """
    first = first_days(grid.y)
    days, counts = np.unique(first, return_counts=True)
    together = counts[np.searchsorted(days, first)]
    began = (first >= SEASON) & (together <= max(1.0, TOGETHER * len(first)))
    return np.asarray(began | (first == grid.length))


def launch_curve(grid: Grid) -> tuple[Array, Array]:
    """Learn how far from their later level series are in each week of life.

    Parameters
    ----------
    grid : Grid
        n series; those that launched in it and have sold for more than eight weeks teach.

    Returns
    -------
    curve, spread : (WEEKS + 1,) arrays
        Usual sales of each week over those of the eight weeks after the eighth, and the variance of its
        logarithm; the last entry, 1 and 0, is for later weeks. The curve is drawn to 1 where few launches
        were seen, and by half in any case, as half of a slow start is the product's own.
    """
    curve, spread = np.ones(WEEKS + 1), np.zeros(WEEKS + 1)
    first = first_days(grid.y)
    ripe = np.flatnonzero(launched(grid) & (first + (WEEKS + 1) * SEASON <= grid.length))
    if not len(ripe):
        return curve, spread
    days = first[ripe, None] + np.arange(2 * WEEKS * SEASON)
    inside = days < grid.length
    sold = grid.demand / _common(grid.demand)
    life = np.where(inside, sold[ripe[:, None], np.where(inside, days, 0)], np.nan)
    weeks = _means(life.reshape(len(ripe), 2 * WEEKS, SEASON))
    later = _means(weeks[:, WEEKS:])[:, None]
    known = np.isfinite(weeks[:, :WEEKS]) & (later > 0)
    rise = np.log(np.clip(np.where(known, weeks[:, :WEEKS], 1.0) / np.where(known, later, 1.0), LEAST, MOST))
    count = known.sum(axis=0) + PRIOR
    mean = rise.sum(axis=0) / count
    curve[:WEEKS] = np.exp(DAMPED * mean)
    spread[:WEEKS] = np.where(known, (rise - mean) ** 2, 0.0).sum(axis=0) / count
    return curve, spread


def _common(demand: Array) -> Array:
    """Return the panel's sales of each day over its usual ones, smoothed over four weeks, (T,)."""
    ratio = np.minimum(demand / np.maximum(_means(demand), 1e-9)[:, None], MOST)
    daily = np.nan_to_num(_means(ratio.T), nan=1.0)
    window = np.ones(min(SMOOTH, len(daily)))
    smooth = np.convolve(daily, window, "same") / np.convolve(np.ones_like(daily), window, "same")
    return np.asarray(np.maximum(smooth, LEAST))


def _means(values: Array) -> Array:
    """Return means over the last axis, NaN where nothing is known."""
    known = np.isfinite(values)
    count = known.sum(axis=-1)
    total = np.where(known, values, 0.0).sum(axis=-1)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))
