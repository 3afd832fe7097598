"""Which model speaks for which series."""

import numpy as np
import numpy.typing as npt

from forecasting.backtest import Backtest
from forecasting.grid import Array

YARDSTICK = "SeasonalNaive"
SERVICE = "Fengping"
COMMON_WINDOWS = 4.0
Names = npt.NDArray[np.str_]


def choose_champions(backtest: Backtest, windows: slice) -> Names:
    """Choose each series' model by its errors in some windows.

    Only a model that did better than seasonal naive on the series itself may win. Among those, the error
    relative to seasonal naive on the series is averaged with the one over all series, which counts as
    ``COMMON_WINDOWS`` windows: a few windows of one series are mostly luck.

    Parameters
    ----------
    backtest : Backtest
        With a forecast named ``SeasonalNaive``.
    windows : slice
        The windows to judge by; may be empty.

    Returns
    -------
    (n,) array of str
        Aliases; ``SeasonalNaive`` where nothing beat it or nothing is known.
    """
    aliases = [alias for alias in backtest.yhat if alias not in (YARDSTICK, SERVICE)]
    chosen = np.full(len(backtest.grid.ids), YARDSTICK, dtype=object)
    yardstick = _loss(backtest, YARDSTICK, windows)
    count = np.isfinite(backtest.errors(YARDSTICK, windows)).any(axis=2).sum(axis=0)
    best = np.full(len(chosen), np.inf)
    for alias in aliases:
        loss = _loss(backtest, alias, windows)
        valid = (count > 0) & (loss < yardstick)
        own = loss / np.where(yardstick > 0, yardstick, 1.0)
        common = loss[count > 0].sum() / max(yardstick[count > 0].sum(), 1e-12)
        score = (count * own + COMMON_WINDOWS * common) / (count + COMMON_WINDOWS)
        better = valid & (score < best)
        chosen[better], best[better] = alias, score[better]
    return chosen.astype(str)


def add_service(backtest: Backtest, level: tuple[int, ...]) -> None:
    """Add the forecast ``Fengping``: at each cutoff, the champion chosen with the windows before it."""
    aliases = list(backtest.yhat)
    shape = backtest.y.shape
    yhat = np.full(shape, np.nan)
    bands = {value: (np.full(shape, np.nan), np.full(shape, np.nan)) for value in sorted(level)}
    rows = np.arange(shape[1])
    stacked = np.stack([backtest.yhat[alias] for alias in aliases])
    for window in range(len(backtest.starts)):
        picked = np.array([aliases.index(name) for name in choose_champions(backtest, slice(0, window))])
        yhat[window] = stacked[picked, window, rows]
        for value, (low, high) in bands.items():
            sides = [backtest.bands[alias][value] for alias in aliases]
            low[window] = np.stack([side[0][window] for side in sides])[picked, rows]
            high[window] = np.stack([side[1][window] for side in sides])[picked, rows]
    backtest.yhat[SERVICE], backtest.bands[SERVICE] = yhat, bands


def _loss(backtest: Backtest, alias: str, windows: slice) -> Array:
    """Return the absolute error of each series in units of its size, summed over the windows, (n,)."""
    errors = np.abs(backtest.errors(alias, windows)) / backtest.size[windows][:, :, None]
    return np.asarray(np.nan_to_num(errors).sum(axis=(0, 2)))
