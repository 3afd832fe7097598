"""Whether a correction points to where a forecast is wrong."""

import numpy as np
from scipy.stats import t

from forecasting.grid import Array

LEAST_INFLATION = 0.5
OUTLIER = 3.0


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
    days = np.maximum(known.sum(axis=1) / inflation - 1, 1.0)
    error_of_slope = np.sqrt((rest**2).sum(axis=1) / days / divisor)
    # Where only a few days are corrected, only those few speak.
    weighty = alone**2 / np.where(corrected, (correction**4).sum(axis=1), 1.0)
    freedom = np.clip(weighty - 1, 1.0, days)
    testable = corrected & (error_of_slope > 0)
    statistic = np.where(testable, slope / np.where(testable, error_of_slope, 1.0), 0.0)
    return statistic, np.where(testable, 2 * t.sf(np.abs(statistic), freedom), 1.0)


def _autocorrelation(scaled: Array, reach: int) -> list[float]:
    """Return the autocorrelation at lags 1 … reach, pooled over series."""
    total = max(float((scaled**2).mean()), 1e-12)
    lags = range(1, min(reach, scaled.shape[1] - 1) + 1)
    return [float((scaled[:, lag:] * scaled[:, :-lag]).mean()) / total for lag in lags]
