"""How effects that multiply become effects that add."""

import numpy as np

from forecasting.grid import Array


def log_mean(a: Array, b: Array) -> Array:
    """Return (a - b) / (log a - log b), and a where both are the same.

    Times the logarithm of a factor between b and a it is what that factor adds, and what all factors add is
    a - b (Ang, 2004).

    Parameters
    ----------
    a, b : arrays of one shape
        Positive.
    """
    same = np.abs(np.log(a) - np.log(b)) < 1e-9
    return np.asarray(np.where(same, a, (a - b) / np.where(same, 1.0, np.log(a) - np.log(b))))
