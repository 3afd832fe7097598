"""Days on which a series sold what it never sells, and nothing known ahead says why."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import LocalOutlierFactor

from forecasting.errors import PanelError
from forecasting.fills import seasonal
from forecasting.frame import SEASON
from forecasting.grid import Array, Grid
from forecasting.intervals import special_days

Mask = npt.NDArray[np.bool_]
LEVEL = 4 * SEASON
LEAST_DAYS = 8 * SEASON
FENCE = 3.0
ROBUST_Z = 3.5
SHARE = 0.01
NEIGHBOURS = 20
JITTER = 0.01
NORMAL_MAD = 1.4826


@dataclass(frozen=True)
class Outliers:
    """What a detector found.

    Attributes
    ----------
    mask : (n, T) array of bool
        The days.
    deviation : (n, T) array
        log(1 + sales) minus the usual of the weekday, in robust standard deviations of the series.
    """

    mask: Mask
    deviation: Array


def find_outliers(grid: Grid, detector: str, seed: int = 0) -> Outliers:
    """Find outliers among the known open days of series with at least eight weeks of them.

    A detector looks at deviations from the usual: the level of the four weeks around a day and the effect of
    its weekday. Days that something known ahead makes special (days off, rare values of a known-ahead
    column) are never outliers, and neither are those of a series that sells on less than half of its days,
    where nearly every sale would be one.

    Parameters
    ----------
    grid : Grid
        The panel.
    detector : str
        ``iqr``: beyond three times the distance of the quartiles from them (Tukey, 1977). ``zscore``: robust
        z-score above 3.5 (Iglewicz & Hoaglin, 1993). ``forest``: the hundredth most isolated (Liu, Ting &
        Zhou, 2008). ``lof``: the hundredth with the lowest local density (Breunig et al., 2000).
    seed : int
        Seed of the forest and of what tells days apart that are exactly alike.

    Raises
    ------
    PanelError
        For another detector; lists those there are.
    """
    if detector not in DETECTORS:
        raise PanelError(f"unknown outlier detector {detector!r}; there are: {', '.join(DETECTORS)}")
    deviation = deviations(grid)
    candidates = np.isfinite(deviation) & ~special_days(grid, 0)
    mask = np.zeros(deviation.shape, dtype=bool)
    mask[candidates] = DETECTORS[detector](deviation, candidates, seed)[candidates]
    return Outliers(mask, deviation)


def deviations(grid: Grid) -> Array:
    """Return how unusual each day is in robust standard deviations, (n, T), NaN where it cannot be said."""
    demand = grid.demand
    steady = (np.nan_to_num(demand) > 0).sum(axis=1) * 2 >= np.isfinite(demand).sum(axis=1)
    enough = np.isfinite(demand).sum(axis=1) >= LEAST_DAYS
    log = np.log1p(np.where((steady & enough)[:, None], demand, np.nan))
    rest = log - _moving_median(log)
    for weekday in range(min(SEASON, log.shape[1])):
        rest[:, weekday::SEASON] -= _median(rest[:, weekday::SEASON])
    spread = NORMAL_MAD * _median(np.abs(rest - _median(rest)))
    return np.asarray(rest / np.where(spread > 0, spread, np.nan))


def _iqr(deviation: Array, candidates: Mask, seed: int) -> Mask:
    mask = np.zeros(deviation.shape, dtype=bool)
    for row in np.flatnonzero(candidates.any(axis=1)):
        low, high = np.quantile(deviation[row, candidates[row]], (0.25, 0.75))
        reach = FENCE * (high - low)
        mask[row] = (deviation[row] < low - reach) | (deviation[row] > high + reach)
    return mask


def _zscore(deviation: Array, candidates: Mask, seed: int) -> Mask:
    return np.asarray(np.abs(deviation) > ROBUST_Z)


def _forest(deviation: Array, candidates: Mask, seed: int) -> Mask:
    mask = np.zeros(deviation.shape, dtype=bool)
    if candidates.any():
        model = IsolationForest(contamination=SHARE, random_state=seed)
        mask[candidates] = model.fit_predict(_features(deviation)[candidates]) < 0
    return mask


def _lof(deviation: Array, candidates: Mask, seed: int) -> Mask:
    mask = np.zeros(deviation.shape, dtype=bool)
    # Days that are exactly alike would have a density without bound.
    jitter = JITTER * np.random.default_rng(seed).normal(size=(*deviation.shape, 3))
    features = _features(deviation) + jitter
    for row in np.flatnonzero(candidates.sum(axis=1) > NEIGHBOURS):
        model = LocalOutlierFactor(NEIGHBOURS, contamination=SHARE)
        mask[row, candidates[row]] = model.fit_predict(features[row, candidates[row]]) < 0
    return mask


def _features(deviation: Array) -> Array:
    """Describe a day by its deviation and its distance from the days before and after, (n, T, 3)."""
    known = seasonal(np.where(np.isfinite(deviation), deviation, np.nan))
    padded = np.pad(np.nan_to_num(known), ((0, 0), (1, 1)), mode="edge")
    centre = padded[:, 1:-1]
    return np.stack([centre, centre - padded[:, :-2], centre - padded[:, 2:]], axis=2)


def _moving_median(log: Array) -> Array:
    """Return the median of the four weeks around each day, (n, T)."""
    half = LEVEL // 2
    padded = np.pad(log, ((0, 0), (half, half)), constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1, axis=1)
    return np.concatenate([_median(part).reshape(1, -1) for part in windows])


def _median(values: Array) -> Array:
    """Return medians along the last axis of what is known, NaN where nothing is."""
    ordered = np.sort(values, axis=-1)
    count = np.isfinite(values).sum(axis=-1, keepdims=True)
    low = np.take_along_axis(ordered, np.maximum((count - 1) // 2, 0), axis=-1)
    high = np.take_along_axis(ordered, np.minimum(count // 2, values.shape[-1] - 1), axis=-1)
    return np.asarray(np.where(count > 0, (low + high) / 2, np.nan))


DETECTORS: dict[str, Callable[[Array, Mask, int], Mask]] = {
    "iqr": _iqr,
    "zscore": _zscore,
    "forest": _forest,
    "lof": _lof,
}
