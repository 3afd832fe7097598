"""Where reviews are shown to help, they correct the forecast."""

import numpy as np
import numpy.typing as npt
from scipy.stats import false_discovery_control

from forecasting import catalogue
from forecasting.backtest import Backtest
from forecasting.champion import SERVICE
from forecasting.encompassing import counting_noise, encompassing
from forecasting.grid import Array
from forecasting.lift import LEVEL

LEAST_WINDOWS = 2
MOST = 2.0


def add_sentiment(backtest: Backtest, suffix: str) -> None:
    """Correct the forecast ``Fengping`` of each window for the products that earlier windows showed to gain.

    Parameters
    ----------
    backtest : Backtest
        With the service's forecast, and those of the model without and with the measured columns; else
        nothing is changed.
    suffix : str
        Alias of the latter, after the plus.
    """
    without, with_ = catalogue.pair(suffix)
    if with_ not in backtest.yhat or without not in backtest.yhat:
        return
    factor = correction(backtest.yhat[without], backtest.yhat[with_])
    plain = backtest.yhat[SERVICE].copy()
    for window in range(LEAST_WINDOWS, len(backtest.starts)):
        felt = helped(backtest, plain, factor, slice(0, window))
        backtest.yhat[SERVICE][window][felt] *= factor[window][felt]


def correction(without: Array, with_: Array) -> Array:
    """Return by what factor the measured columns change a forecast, at most by half or to the double."""
    return np.asarray(np.clip((with_ + 1) / (without + 1), 1 / MOST, MOST))


def helped(backtest: Backtest, plain: Array, factor: Array, windows: slice) -> npt.NDArray[np.bool_]:
    """Tell which series a correction helped in some windows: in the right direction, and not by luck.

    The test is that of forecast encompassing with q-values over all series, see `forecasting.lift`, and the
    mean absolute error must have become smaller, (n,).
    """
    known = np.isfinite(backtest.errors(SERVICE, windows))
    actual = np.where(known, backtest.y[windows], np.nan)
    before = np.abs(actual - plain[windows])
    after = np.abs(actual - plain[windows] * factor[windows])
    gain = np.nansum(before - after, axis=(0, 2))
    sold, expected = _in_order(actual), _in_order(plain[windows])
    error, change = np.log1p(sold) - np.log1p(expected), _in_order(np.log(factor[windows]))
    direction, p_value = encompassing(error, change, 2 * backtest.h, counting_noise(sold, expected))
    return np.asarray((false_discovery_control(p_value) < LEVEL) & (direction > 0) & (gain > 0))


def _in_order(values: Array) -> Array:
    """Line up windows behind each other, (w, n, h) -> (n, w * h)."""
    return values.transpose(1, 0, 2).reshape(values.shape[1], -1)
