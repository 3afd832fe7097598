"""Whether one forecast was better than another, or only luckier."""

import numpy as np
from scipy.stats import t

from forecasting.grid import Array

BOOTSTRAPS = 1000


def diebold_mariano(difference: Array, h: int) -> tuple[Array, Array]:
    """Test whether a mean loss difference is zero (Diebold & Mariano, 1995).

    The variance counts autocovariances up to h - 1 days; the statistic has the small-sample correction of
    Harvey, Leybourne & Newbold (1997) and their t distribution. Where those autocovariances make the
    variance negative, it is taken without them.

    Parameters
    ----------
    difference : (n, D) array
        Loss of the first forecast minus loss of the second, in order of days, NaN where unknown.
    h : int
        Days ahead of the forecasts.

    Returns
    -------
    statistic, p_value : (n,) arrays
        Negative where the first is better; p is two-sided, and 1 where the losses never differ.
    """
    known = np.isfinite(difference)
    count = known.sum(axis=1)
    days = np.maximum(count, 1)
    mean = np.where(known, difference, 0.0).sum(axis=1) / days
    rest = np.where(known, difference - mean[:, None], 0.0)
    alone = (rest**2).sum(axis=1) / days
    lags = range(1, min(h, difference.shape[1]))
    pairs = sum(((rest[:, lag:] * rest[:, :-lag]).sum(axis=1) / days for lag in lags), np.zeros(len(mean)))
    variance = np.where(alone + 2 * pairs > 0, alone + 2 * pairs, alone) / days
    testable = (count > h) & (variance > 0)
    correction = np.sqrt(np.maximum(count + 1 - 2 * h + h * (h - 1) / days, 1.0) / days)
    statistic = np.where(testable, correction * mean / np.sqrt(np.where(testable, variance, 1.0)), 0.0)
    p_value = 2 * t.sf(np.abs(statistic), np.maximum(count - 1, 1))
    return statistic, np.where(testable, p_value, 1.0)


def block_bootstrap(difference: Array, block: int, level: float = 0.95, seed: int = 0) -> tuple[Array, Array]:
    """Return an interval for mean differences from resampled blocks of days (Politis & Romano, 1992).

    Blocks wrap around the end, and the same blocks are drawn for every series. Over some 40 blocks it holds
    the truth about 90 times of 100, not 95: resampled blocks vary a little less than the days they stand for.

    Parameters
    ----------
    difference : (n, D) array
        In order of days, NaN where unknown.
    block : int
        Days of a block, at least as many as depend on each other.
    level : float
        Coverage of the interval.
    seed : int
        Seed of the drawing.

    Returns
    -------
    low, high : (n,) arrays
        NaN for a series without any known day.
    """
    days = difference.shape[1]
    starts = np.random.default_rng(seed).integers(0, days, (BOOTSTRAPS, -(-days // block)))
    drawn = ((starts[:, :, None] + np.arange(block)) % days).reshape(BOOTSTRAPS, -1)[:, :days]
    weight = np.zeros((BOOTSTRAPS, days))
    np.add.at(weight, (np.arange(BOOTSTRAPS)[:, None], drawn), 1.0)
    known = np.isfinite(difference)
    total = weight @ np.where(known, difference, 0.0).T
    count = weight @ known.T.astype(float)
    means = np.where(count > 0, total / np.maximum(count, 1.0), difference_mean(difference)[None])
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return np.asarray(low), np.asarray(high)


def difference_mean(difference: Array) -> Array:
    """Return the mean of the known days, (n,); NaN where there are none."""
    known = np.isfinite(difference)
    count = known.sum(axis=1)
    total = np.where(known, difference, 0.0).sum(axis=1)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))
