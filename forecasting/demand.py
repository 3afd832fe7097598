"""Which days tell something about demand, and which only say that nothing could be sold."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
ENOUGH_DAYS = 10
OPEN_SHARE = 0.05
CLOSED_SHARE = 0.995
CODES = 12
RARE_SHARE = 0.1
LONGEST_CLOSURE = 14
LONGEST_OPEN_END = 2
SELLERS = 10
WEEKS = 8
WEEK = 7
ABSURD = 1000.0
LEAST_SALES = 14


def closed_days(y: Array, future: Array) -> Mask:
    """Find the days on which a known-ahead column says that nothing can be sold.

    A value of a column means closed when practically every day with it sold nothing, in the whole panel,
    while days with its other values hardly ever did.

    Parameters
    ----------
    y : (n, T) array
        Sales, NaN where unknown.
    future : (n, T + ahead, F) array
        Known-ahead columns.

    Returns
    -------
    (n, T + ahead) array of bool
    """
    closed = np.zeros(future.shape[:2], dtype=bool)
    seen, sold = np.isfinite(y), y > 0
    for column in np.moveaxis(future, 2, 0):
        known = column[:, : y.shape[1]]
        for value in np.unique(known[seen & np.isfinite(known)])[:CODES]:
            here, other = seen & (known == value), seen & (known != value)
            if min(here.sum(), other.sum()) < ENOUGH_DAYS:
                continue
            if (~sold[here]).mean() >= CLOSED_SHARE and (~sold[other]).mean() <= OPEN_SHARE:
                closed |= column == value
    return closed


def idle_days(y: Array) -> npt.NDArray[np.bool_]:
    """Find the days on which the whole shop was closed: no series sold, where usually at least ten do.

    With ten series that sell independently, a day without any sale by chance is one in thousands. More than
    two weeks without any up to the last day are no closure any more: the shop may have stopped to sell.

    Parameters
    ----------
    y : (n, T) array
        Sales, NaN where unknown.

    Returns
    -------
    (T,) array of bool
    """
    sellers = (y > 0).sum(axis=0)
    usual = np.median(sellers[sellers > 0]) if sellers.any() else 0
    idle = np.asarray((sellers == 0) & np.isfinite(y).any(axis=0) & (usual >= SELLERS))
    since = np.flatnonzero(~idle)[-1] + 1 if not idle.all() else 0
    if len(idle) - since > LONGEST_CLOSURE:
        idle[since:] = False
    return idle


def idle_weekdays(idle: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Tell on which of the next seven days the shop will be closed, as it was in each of the last 8 weeks.

    Parameters
    ----------
    idle : (T,) array of bool
        See `idle_days`.
    """
    if len(idle) < WEEKS * WEEK:
        return np.zeros(WEEK, dtype=bool)
    return np.asarray(idle[-WEEKS * WEEK :].reshape(WEEKS, WEEK).all(axis=0))


def unrecorded_days(y: Array) -> Mask:
    """Find zeros that are more likely a closed or unrecorded day than a day without demand.

    That is a run of at most two weeks of zeros in a series that otherwise sells nearly every day. A run that
    lasts until the end counts only up to two days: it may be the end of the product.

    Parameters
    ----------
    y : (n, T) array
        Sales, NaN where unknown.

    Returns
    -------
    (n, T) array of bool
    """
    zero = y == 0
    steady = zero.sum(axis=1) < RARE_SHARE * np.isfinite(y).sum(axis=1)
    days = np.arange(y.shape[1])
    previous = np.maximum.accumulate(np.where(zero, -1, days), axis=1)
    following = np.minimum.accumulate(np.where(zero, len(days), days)[:, ::-1], axis=1)[:, ::-1]
    length = following - previous - 1
    limit = np.where(following == len(days), LONGEST_OPEN_END, LONGEST_CLOSURE)
    return np.asarray(zero & steady[:, None] & (length <= limit))


def absurd_days(y: Array) -> Mask:
    """Find days that sold more than a thousand times what a usual day with sales does.

    That is a slip of the pen, or an order that is no demand. Of 3,887 goods of an online wholesaler that now
    and then sells a hundred times the usual, one has such a day: an order that was taken back minutes later.

    Parameters
    ----------
    y : (n, T) array
        Sales, NaN where unknown.

    Returns
    -------
    (n, T) array of bool
        Nowhere in a series with fewer than 14 days with sales.
    """
    absurd, sold = np.zeros(y.shape, dtype=bool), y > 0
    least = np.where(sold, y, np.inf).min(axis=1, initial=np.inf)
    most = np.where(sold, y, 0.0).max(axis=1, initial=0.0)
    for row in np.flatnonzero((sold.sum(axis=1) >= LEAST_SALES) & (most > ABSURD * least)):
        absurd[row] = y[row] > ABSURD * np.median(y[row][y[row] > 0])
    return absurd
