"""Values for days whose sales are not known."""

from collections.abc import Callable

import numpy as np

from forecasting.errors import PanelError
from forecasting.frame import SEASON
from forecasting.grid import Array


def fill(y: Array, method: str) -> Array:
    """Fill unknown days of each series from its known ones, (n, T); a series without any stays unknown.

    Parameters
    ----------
    y : (n, T) array
        Sales, NaN where unknown.
    method : str
        ``mean`` or ``median`` of the series; ``forward`` or ``backward``: the last or next known value, the
        other where there is none; ``linear`` between the two; ``seasonal``: the same weekday before, else
        after, else the mean.

    Raises
    ------
    PanelError
        For another method; lists those there are.
    """
    if method not in FILLS:
        raise PanelError(f"unknown fill {method!r}; there are: {', '.join(FILLS)}")
    return np.where(np.isfinite(y), y, FILLS[method](y))


def seasonal(y: Array) -> Array:
    """Fill unknown days with the same weekday before, else after, else the mean: (n, T)."""
    whole = y.copy()
    for order in (range(SEASON, y.shape[1]), range(y.shape[1] - SEASON - 1, -1, -1)):
        step = SEASON if order.step > 0 else -SEASON
        for day in order:
            gap = np.isnan(whole[:, day])
            whole[gap, day] = whole[gap, day - step]
    return np.where(np.isnan(whole), _mean(y), whole)


def _mean(y: Array) -> Array:
    known = np.isfinite(y)
    count = known.sum(axis=1, keepdims=True)
    total = np.where(known, y, 0.0).sum(axis=1, keepdims=True)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))


def _median(y: Array) -> Array:
    middle = [np.median(row[np.isfinite(row)]) if np.isfinite(row).any() else np.nan for row in y]
    return np.asarray(middle, dtype=float)[:, None]


def _forward(y: Array) -> Array:
    return np.where(np.isfinite(_last(y)), _last(y), _next(y))


def _backward(y: Array) -> Array:
    return np.where(np.isfinite(_next(y)), _next(y), _last(y))


def _linear(y: Array) -> Array:
    days = np.arange(y.shape[1], dtype=float)
    at = np.where(np.isfinite(y), days, np.nan)
    before, after = _last(at), _next(at)
    share = (days - before) / np.where(after > before, after - before, 1.0)
    inner = _last(y) + share * (_next(y) - _last(y))
    return np.where(np.isfinite(inner), inner, _forward(y))


def _last(y: Array) -> Array:
    index = np.maximum.accumulate(np.where(np.isfinite(y), np.arange(y.shape[1]), 0), axis=1)
    return np.asarray(np.take_along_axis(y, index, axis=1))


def _next(y: Array) -> Array:
    return _last(y[:, ::-1])[:, ::-1]


FILLS: dict[str, Callable[[Array], Array]] = {
    "mean": _mean,
    "median": _median,
    "forward": _forward,
    "backward": _backward,
    "linear": _linear,
    "seasonal": seasonal,
}
