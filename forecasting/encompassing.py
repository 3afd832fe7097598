"""Whether a correction points to where a forecast is wrong."""

import numpy as np
import numpy.typing as npt
from scipy.stats import t

from forecasting.grid import Array

LEAST_INFLATION = 0.5
OUTLIER = 3.0
ROBUST = 1.4826


def encompassing(
    error: Array, correction: Array, reach: int, least: Array | float = 0.0
) -> tuple[Array, Array]:
    """Test whether a correction points to where a forecast is wrong.

    The statistic is the slope of error on correction (Harvey, Leybourne & Newbold, 1998). Errors of near
    days resemble each other, so its variance uses the autocorrelation of what the slope leaves over: that of
    all series pooled, because one series alone shows too little of it, or the series' own where that makes
    the slope less sure (Newey & West, 1987). Errors are cut at three standard deviations, robust ones where
    those are larger.

    Parameters
    ----------
    error : (n, D) array
        What happened minus the forecast without the correction, NaN where unknown.
    correction : (n, D) array
        What the correction changes.
    reach : int
        Days over which errors may resemble each other.
    least : (n, D) array or float
        Variance that an error has at least, see `counting_noise`: where hardly anything was sold, what is
        seen says too little about it.

    Returns
    -------
    statistic, p_value : (n,) arrays
        Positive where the correction is right; p is two-sided, and 1 where nothing is corrected.
    """
    known = np.isfinite(error)
    correction = np.where(known, correction, 0.0)
    limit = OUTLIER * _size(error, known)[:, None]
    error = np.clip(np.where(known, error, 0.0), -limit, limit)
    alone = (correction**2).sum(axis=1)
    corrected = alone > 0
    divisor = np.where(corrected, alone, 1.0)
    slope = (error * correction).sum(axis=1) / divisor
    rest = error - slope[:, None] * correction
    inflation = _inflation(rest, correction, reach)
    # Days that resemble each other count as fewer: as many as would be as uncertain were they independent.
    days = np.maximum(known.sum(axis=1) / inflation - 1, 1.0)
    seen = (rest**2).sum(axis=1) / days / divisor
    floor = (correction**2 * least).sum(axis=1) / divisor**2 * np.maximum(inflation, 1.0)
    error_of_slope = np.sqrt(np.maximum(seen, floor))
    # Where only a few days are corrected, only those few speak.
    weighty = alone**2 / np.where(corrected, (correction**4).sum(axis=1), 1.0)
    freedom = np.clip(weighty - 1, 1.0, days)
    testable = corrected & (error_of_slope > 0)
    statistic = np.where(testable, slope / np.where(testable, error_of_slope, 1.0), 0.0)
    return statistic, np.where(testable, 2 * t.sf(np.abs(statistic), freedom), 1.0)


def counting_noise(y: Array, yhat: Array) -> Array:
    """Return the variance that the log of a day's units has by counting alone, shaped like ``yhat``.

    Units are taken to arrive no more evenly than by chance (Poisson, by the delta method). Sales that are
    not counts, such as weights, have no such floor.

    Parameters
    ----------
    y : (n, D) array
        Sales, NaN where unknown.
    yhat : (n, D) array
        What was expected.
    """
    whole = (np.nan_to_num(y) % 1 == 0).all(axis=1, keepdims=True)
    return np.asarray(np.where(whole, yhat / (1 + yhat) ** 2, 0.0))


def _size(error: Array, known: npt.NDArray[np.bool_]) -> Array:
    """Return the standard deviation around 0, or the robust one where that is larger, (n,)."""
    middle = [np.median(np.abs(e[k])) if k.any() else 0.0 for e, k in zip(error, known, strict=True)]
    days = np.maximum(known.sum(axis=1), 1)
    deviation = np.sqrt((np.where(known, error, 0.0) ** 2).sum(axis=1) / days)
    return np.asarray(np.maximum(ROBUST * np.array(middle), deviation))


def _inflation(rest: Array, correction: Array, reach: int) -> Array:
    """Return by what factor days that resemble each other raise the variance of the slope, (n,)."""
    lags = range(1, min(reach, rest.shape[1] - 1) + 1)
    size = np.sqrt((rest**2).mean(axis=1, keepdims=True))
    scaled = rest / np.where(size > 0, size, 1.0)
    total = max(float((scaled**2).mean()), 1e-12)
    alone = (correction**2).sum(axis=1)
    divisor = np.where(alone > 0, alone, 1.0)
    pooled, own = np.ones(len(rest)), np.ones(len(rest))
    for lag in lags:
        alike = (scaled[:, lag:] * scaled[:, :-lag]).mean(axis=1)
        together = 2 * (correction[:, lag:] * correction[:, :-lag]).sum(axis=1) / divisor
        pooled += alike.mean() / total * together
        own += (1 - lag / (reach + 1)) * alike * together
    return np.maximum(np.maximum(pooled, own), LEAST_INFLATION)
