"""Intervals of shares, so that few reviews prove little.

References
----------
Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. JASA 22.
Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions: comparison of
eleven methods. Statistics in Medicine 17 (method 10).
"""

from __future__ import annotations

import numpy as np

from alerting.days import Floats


def wilson(count: Floats, total: Floats, z: float = 1.96) -> tuple[Floats, Floats]:
    """Return the ends of the score interval of a share; NaN where nothing was counted.

    >>> low, high = wilson(np.array([3.0]), np.array([10.0]))
    >>> round(float(low[0]), 3), round(float(high[0]), 3)
    (0.108, 0.603)
    """
    n = np.where(total > 0, total, np.nan)
    share = count / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(np.maximum(share * (1 - share), 0) / n + z * z / (4 * n * n))
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def difference(
    count: Floats, total: Floats, count_before: Floats, total_before: Floats, z: float = 1.96
) -> tuple[Floats, Floats]:
    """Return the ends of the interval of a share minus an earlier one; NaN where either counted nothing.

    >>> one = lambda value: np.array([float(value)])
    >>> low, high = difference(one(56), one(70), one(48), one(80))
    >>> round(float(low[0]), 4), round(float(high[0]), 4)
    (0.0524, 0.3339)
    """
    low, high = wilson(count, total, z)
    low_before, high_before = wilson(count_before, total_before, z)
    now = count / np.where(total > 0, total, np.nan)
    before = count_before / np.where(total_before > 0, total_before, np.nan)
    down = np.sqrt((now - low) ** 2 + (high_before - before) ** 2)
    up = np.sqrt((high - now) ** 2 + (before - low_before) ** 2)
    return now - before - down, now - before + up
