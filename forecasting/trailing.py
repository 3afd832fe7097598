"""Means of what was known up to each day."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def trailing_mean(values: Array, count: int, step: int = 1) -> Array:
    """Average the last ``count`` known values, ``step`` days apart, up to each day: (n, T) -> (n, T).

    NaN where none of them is known.
    """
    known = np.isfinite(values)
    total, seen = (_trailing_sum(part, count, step) for part in (np.where(known, values, 0.0), known * 1.0))
    return np.where(seen > 0, total / np.maximum(seen, 1.0), np.nan)


def carried(values: Array) -> Array:
    """Carry the last known value over days that are not, (n, T); NaN before the first."""
    known = np.isfinite(values)
    index = np.maximum.accumulate(np.where(known, np.arange(values.shape[1]), 0), axis=1)
    return np.asarray(np.take_along_axis(values, index, axis=1))


def _trailing_sum(values: Array, count: int, step: int) -> Array:
    if step > 1:
        return np.asarray(sum(_later(values, lag * step) for lag in range(count)))
    total = np.cumsum(values, axis=1)
    result = total.copy()
    result[:, count:] -= total[:, : max(values.shape[1] - count, 0)]
    return result


def _later(values: Array, days: int) -> Array:
    shifted = np.zeros_like(values)
    shifted[:, days:] = values[:, : max(values.shape[1] - days, 0)]
    return shifted
