"""What is new in a series on a day: what calendar, plan, slow trend and its own past do not say."""

import numpy as np
import numpy.typing as npt

from forecasting.calendar import EVENTS
from forecasting.frame import SEASON
from forecasting.grid import Array, Grid
from forecasting.local import regressors

SLOWEST = 90
OUTLIER = 4.0
Mask = npt.NDArray[np.bool_]


def known_regressors(grid: Grid) -> Array:
    """Describe days by all that is known ahead of them and by a slow trend, (n, T, C).

    Weekdays, days off, sales festivals, the known-ahead columns and what they were in the two weeks before
    (a slump follows a promotion, and so do its reviews), and cosines as slow as three months.
    """
    days, length = grid.days(), grid.length
    calendar, names = grid.calendar(0)
    festivals = tuple(event.key for event in EVENTS if event.kind == "promotion")
    marked = [index for index, name in enumerate(names) if name.startswith(festivals)]
    weekday = (np.asarray(days.day_of_week)[:, None] == np.arange(SEASON - 1)).astype(float)
    waves = np.arange(1, length // SLOWEST + 1)
    trend = np.cos(np.pi * (np.arange(length)[:, None] + 0.5) / length * waves)
    shared = np.column_stack([weekday, calendar[:, marked], trend])
    ahead = regressors(grid, 0, length)
    before = [
        np.mean([_shifted(ahead[:, :, 2:], lag) for lag in range(week + 1, week + SEASON + 1)], axis=0)
        for week in (0, SEASON)
    ]
    own = np.concatenate([ahead, *before], axis=2)
    return np.concatenate([np.broadcast_to(shared, (len(grid.ids), *shared.shape)), own], axis=2)


def relieved(values: Array, known: Mask, x: Array) -> Array:
    """Take regressors (T, C) out of columns (T, P) by least squares on the known days (T,).

    Gaps become 0, the expected value. What is left is cut at four standard deviations, so that one wild day
    decides nothing.
    """
    filled = np.where(np.isfinite(values), values, np.nanmean(values, axis=0))
    x = np.column_stack([np.ones(len(x)), x])
    left = filled - x @ np.linalg.lstsq(x[known], filled[known], rcond=None)[0]
    left = np.where(np.isfinite(values), left, 0.0)
    limit = OUTLIER * left[known].std(axis=0)
    return np.asarray(np.clip(left, -limit, limit))


def autoregression(values: Array, known: Mask, most: int, penalty: float) -> Array:
    """Fit autoregressions of order 0 … ``most`` and return the coefficients of the best, (order,).

    Parameters
    ----------
    values : (T,) array
        Around zero, without gaps.
    known : (T,) array of bool
        Days that count.
    most : int
        Highest order; lower for a short series.
    penalty : float
        What a coefficient costs in log-likelihood times -2: 2 for AIC (Akaike 1974), the log of the number
        of days for BIC (Schwarz 1978).
    """
    rows = known.copy()
    rows[:most] = False
    most = min(most, int(rows.sum()) // 10)
    past, today = lagged(values, np.arange(1, most + 1))[rows], values[rows]
    q, r = np.linalg.qr(past)
    along = q.T @ today
    rest = np.append(0.0, np.cumsum(along**2))
    rest = np.maximum((today**2).sum() - rest, 1e-12)
    order = int((len(today) * np.log(rest) + penalty * np.arange(most + 1)).argmin())
    if not order or np.abs(np.diag(r)[:order]).min() < 1e-9:
        return np.zeros(0)
    return np.asarray(np.linalg.solve(r[:order, :order], along[:order]))


def innovations(values: Array, coefficients: Array) -> Array:
    """Return values (T,) minus what an autoregression says of them."""
    return np.asarray(values - lagged(values, np.arange(1, len(coefficients) + 1)) @ coefficients)


def lagged(values: Array, lags: npt.NDArray[np.int64]) -> Array:
    """Return values (T,) as they were so many days before, (T, lags); 0 beyond the ends."""
    length = len(values)
    index = np.arange(length)[:, None] - lags
    inside = (index >= 0) & (index < length)
    return np.asarray(np.where(inside, values[np.clip(index, 0, length - 1)], 0.0))


def _shifted(cube: Array, lag: int) -> Array:
    """Return a cube (n, T, F) as it was so many days before; the first day stands for those before it."""
    return np.concatenate([np.repeat(cube[:, :1], min(lag, cube.shape[1]), axis=1), cube[:, :-lag]], axis=1)
