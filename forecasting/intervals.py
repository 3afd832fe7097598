"""Bands around forecasts, from how wrong the same model was at earlier cutoffs."""

from collections.abc import Mapping, Sequence

import numpy as np

from forecasting.frame import SEASON
from forecasting.grid import Array, Grid
from forecasting.model import naive

OWN_WEIGHT = 30.0
Offsets = Mapping[int, tuple[Array, Array]]


def conformal_offsets(
    errors: Array, scale: Array, now: Array, level: Sequence[int]
) -> dict[int, tuple[Array, Array]]:
    """Turn earlier errors into distances from the forecast to its band.

    Split-conformal (Vovk et al., 2005) with signed errors: per series and week of the horizon, the quantiles
    of its own scaled errors, drawn towards those of all series where it has few.

    Parameters
    ----------
    errors : (w, n, h) array
        Sales minus forecast at earlier cutoffs, NaN where unknown.
    scale : (w, n) array
        Size of each series at those cutoffs.
    now : (n,) array
        Size of each series at the present cutoff.
    level : sequence of int
        Nominal coverages in per cent.

    Returns
    -------
    dict
        Level -> lower (negative) and upper offsets, (n, h), in units.
    """
    n, h = errors.shape[1:]
    scaled = errors / scale[:, :, None]
    offsets = {value: (np.zeros((n, h)), np.zeros((n, h))) for value in level}
    for first in range(0, h, SEASON):
        week = slice(first, min(first + SEASON, h))
        own = scaled[:, :, week].transpose(1, 0, 2).reshape(n, -1)
        for value, (low, high) in offsets.items():
            tail = (1 - value / 100) / 2
            low[:, week] = (-_upper_quantile(-own, 1 - tail) * now)[:, None]
            high[:, week] = (_upper_quantile(own, 1 - tail) * now)[:, None]
    return offsets


def _upper_quantile(own: Array, share: float) -> Array:
    """Return a quantile per series (n,), each drawn to the pooled one, with the finite-sample correction."""
    pool = own[np.isfinite(own)]
    if len(pool) == 0:
        return np.zeros(len(own))
    common = float(np.quantile(pool, min(share * (1 + 1 / len(pool)), 1.0)))
    count = np.isfinite(own).sum(axis=1)
    ordered = np.sort(own, axis=1)
    rank = np.clip(np.ceil(share * (count + 1)) - 1, 0, np.maximum(count - 1, 0)).astype(int)
    value = np.where(count > 0, np.take_along_axis(ordered, rank[:, None], axis=1)[:, 0], common)
    weight = count / (count + OWN_WEIGHT)
    return np.asarray(weight * value + (1 - weight) * common)


def band(yhat: Array, offsets: Offsets) -> dict[int, tuple[Array, Array]]:
    """Lay bands around forecasts: nested, never crossing the forecast, never below zero.

    Parameters
    ----------
    yhat : (n, h) array
        Forecasts.
    offsets : mapping
        See `conformal_offsets`.
    """
    bands: dict[int, tuple[Array, Array]] = {}
    low = high = yhat
    for value in sorted(offsets):
        below, above = offsets[value]
        low = np.maximum(np.minimum(low, yhat + below), 0.0)
        high = np.maximum(high, yhat + above)
        bands[value] = (low, high)
    return bands


def size(y: Array) -> Array:
    """Return what errors of a series are measured against, (n,).

    That is one plus the mean sales of its last 8 weeks or of its last year, whichever is larger, so that a
    shop closed for a while does not seem to have shrunk to nothing.
    """
    return np.asarray(1.0 + np.maximum(*(_mean(y[:, -days:]) for days in (8 * SEASON, 52 * SEASON))))


def _mean(y: Array) -> Array:
    known = np.isfinite(y)
    return np.asarray(np.where(known, y, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1))


def in_sample_errors(grid: Grid, h: int, windows: int = 4) -> tuple[Array, Array]:
    """Return errors of the seasonal naive within the history, for when there are no earlier cutoffs.

    Returns
    -------
    errors : (w, n, h) array
    scale : (w, n) array
    """
    errors, scales = [], []
    for back in range(1, windows + 1):
        start = grid.length - back * h
        if start < SEASON:
            break
        before = grid.until(start)
        errors.append(grid.y[:, start : start + h] - naive(before, h))
        scales.append(size(before.y))
    if errors:
        return np.stack(errors), np.stack(scales)
    around = (grid.y - _mean(grid.y)[:, None]).T[:, :, None]
    return np.broadcast_to(around, (*around.shape[:2], h)), np.broadcast_to(size(grid.y), around.shape[:2])
