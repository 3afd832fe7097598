"""The level that all series of a panel share: how far from the year's mean, and what stays of it."""

import numpy as np
import numpy.typing as npt

from forecasting.trailing import trailing_mean

Array = npt.NDArray[np.float64]
LEVEL = 28
YEAR = 364
LEAST_DAYS = 4 * LEVEL
LEAST_SHARE = 0.05
STEP = 7
LEAST_ORIGINS = 26


def tide(demand: Array) -> Array:
    """Measure how high the panel stands on each day: before Christmas all shops sell more than usual.

    The median over all series of log(mean of the last 28 days / mean of the last 364 days). A series counts
    from its 112th known day on, and while both means are at least a twentieth of its mean.

    Parameters
    ----------
    demand : (n, T) array
        Sales, NaN where unknown.

    Returns
    -------
    (T,) array
        0 where no series counts.
    """
    return np.nan_to_num(_median(_heights(demand, trailing_mean(demand, LEVEL))))


def ebb(demand: Array, height: Array, h: int) -> tuple[float, float]:
    """Measure what is left of a tide over the next ``h`` days, and the highest one whose end was seen.

    The slope, through zero, of the next ``h`` days' tide on that of the origin, over every seventh day.

    Parameters
    ----------
    demand : (n, T) array
        Sales, NaN where unknown.
    height : (T,) array
        What `tide` said of them.
    h : int
        Days ahead.

    Returns
    -------
    tuple of float
        The share that lasts, 0 … 1, and the largest absolute tide; 1 and 0 with fewer than 26 origins.
    """
    origins = np.arange(LEAST_DAYS, demand.shape[1] - h, STEP)
    ahead = np.full_like(demand, np.nan)
    ahead[:, :-h] = trailing_mean(demand, h)[:, h:]
    later = _median(_heights(demand, ahead)[:, origins])
    seen = np.isfinite(later)
    now, later = height[origins][seen], later[seen]
    if len(now) < LEAST_ORIGINS or not now.any():
        return 1.0, 0.0
    return float(np.clip((now @ later) / (now @ now), 0.0, 1.0)), float(np.abs(now).max())


def _heights(demand: Array, means: Array) -> Array:
    """Return the logs of means against those of the last year, (n, T), NaN where a series does not count."""
    usual, mean = trailing_mean(demand, YEAR), trailing_mean(demand, demand.shape[1])
    least = LEAST_SHARE * mean[:, -1:]
    counts = (np.cumsum(np.isfinite(demand), axis=1) > LEAST_DAYS) & (means > least) & (usual > least)
    ratio = np.divide(means, usual, out=np.ones_like(means), where=counts)
    return np.where(counts, np.log(ratio), np.nan)


def _median(values: Array) -> Array:
    """Return the median of the series that count on each day, NaN where none does."""
    median = np.full(values.shape[1], np.nan)
    some = np.isfinite(values).any(axis=0)
    median[some] = np.nanmedian(values[:, some], axis=0)
    return median
