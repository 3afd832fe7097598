"""Past columns that hold sales of days to come: no honest column can."""

import numpy as np
import numpy.typing as npt

from forecasting.frame import SEASON

Array = npt.NDArray[np.float64]
ENOUGH_DAYS = 28
AGREEMENT = 0.97


def leaks(y: Array, past: Array) -> npt.NDArray[np.bool_]:
    """Find columns that rise and fall exactly as sales do some days later.

    What shoppers write may foretell how sales move, but chance is a part of every day's sales, and nothing
    known before can hold it. A column whose moves agree with those of a later day in nearly every case is
    that day's sales under another name.

    Parameters
    ----------
    y : (n, T) array
        Sales, NaN where unknown.
    past : (n, T, P) array
        Past columns, NaN before they began.

    Returns
    -------
    (n, P) array of bool
    """
    found = np.zeros((past.shape[0], past.shape[2]), dtype=bool)
    sold = np.sign(np.diff(y, axis=1))
    for column in range(past.shape[2]):
        said = np.sign(np.diff(past[:, :, column], axis=1))
        for ahead in range(1, min(SEASON, said.shape[1]) + 1):
            found[:, column] |= _agree(said[:, :-ahead], sold[:, ahead:])
    return found


def _agree(said: Array, sold: Array) -> npt.NDArray[np.bool_]:
    product = said * sold
    moved = np.isfinite(product) & ((said != 0) | (sold != 0))
    count = moved.sum(axis=1)
    agreement = np.abs(np.where(moved, product, 0.0).sum(axis=1)) / np.maximum(count, 1)
    return np.asarray((count >= ENOUGH_DAYS) & (agreement >= AGREEMENT))
