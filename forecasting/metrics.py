"""How wrong forecasts were, in the measures people ask for."""

from collections.abc import Mapping

import numpy as np
from scipy.stats import rankdata

from forecasting.frame import SEASON
from forecasting.grid import Array

Bands = Mapping[int, tuple[Array, Array]]
TINY = 1e-9


def naive_scales(y: Array) -> tuple[Array, Array]:
    """Return the in-sample absolute and squared error of the seasonal naive forecast.

    Parameters
    ----------
    y : (n, T) array
        Known sales, NaN where unknown.

    Returns
    -------
    mae, mse : (n,) arrays
        NaN where a series shows no two same weekdays, or no difference between them.
    """
    steps = y[:, SEASON:] - y[:, :-SEASON]
    known = np.isfinite(steps)
    count = np.where(known.any(axis=1), known.sum(axis=1), np.nan)
    steps = np.where(known, steps, 0.0)
    mae, mse = np.abs(steps).sum(axis=1) / count, (steps**2).sum(axis=1) / count
    return np.where(mae > 0, mae, np.nan), np.where(mse > 0, mse, np.nan)


def evaluate(y: Array, yhat: Array, mae: Array, mse: Array, bands: Bands | None = None) -> dict[str, float]:
    """Measure forecasts of w windows, n series and h days.

    Parameters
    ----------
    y, yhat : (w, n, h) arrays
        What happened (NaN: unknown, left out) and what was forecast.
    mae, mse : (w, n) arrays
        In-sample scales of the seasonal naive at each cutoff, see `naive_scales`.
    bands : mapping, optional
        Level in per cent -> lower and upper (w, n, h).

    Returns
    -------
    dict
        ``wape`` (sum of errors over sum of sales), ``mase`` and ``rmsse`` (per series and window, then
        averaged; Hyndman & Koehler, 2006), ``mae, rmse, mse``, ``r2``, ``bias`` (sum of forecast minus sales
        over sum of sales), and per level ``coverage_L`` and ``width_L`` in units. NaN where undefined.
    """
    known = np.isfinite(y) & np.isfinite(yhat)
    actual, error = y[known], (yhat - y)[known]
    if len(actual) == 0:
        return {}
    total = actual.sum() if actual.sum() > 0 else np.nan
    spread = ((actual - actual.mean()) ** 2).sum()
    square = float((error**2).mean())
    scores = {
        "wape": np.abs(error).sum() / total,
        "mase": _scaled(np.abs(yhat - y), mae),
        "rmsse": _scaled((yhat - y) ** 2, mse, root=True),
        "mae": np.abs(error).mean(),
        "rmse": np.sqrt(square),
        "mse": square,
        "r2": 1 - (error**2).sum() / spread if spread > 0 else np.nan,
        "bias": error.sum() / total,
        "n": len(actual),
    }
    for level, (low, high) in (bands or {}).items():
        scores[f"coverage_{level}"] = covered(y, low, high)[known].mean()
        scores[f"width_{level}"] = (high - low)[known].mean()
    return {name: float(value) for name, value in scores.items()}


def evaluate_probability(probability: Array, base: Array, happened: Array) -> dict[str, float]:
    """Measure probabilities of yes or no beside always saying the base rate.

    Parameters
    ----------
    probability, base : (k,) arrays
        What was said, and the share of yes known when it was said; NaN where nothing was said.
    happened : (k,) array
        1 for yes, 0 for no, NaN where unknown.

    Returns
    -------
    dict
        ``brier`` and ``brier_base`` (mean squared error; Brier, 1950), ``accuracy`` and ``accuracy_base`` (of
        the likelier answer), ``precision, recall, f1`` of yes, ``auc`` (NaN without both answers),
        ``calibration_error`` (mean gap between said and seen over tenths) and ``n``; empty without any.
    """
    known = np.isfinite(happened) & np.isfinite(probability)
    said, base, yes = probability[known], base[known], happened[known] > 0
    if len(yes) == 0:
        return {}
    found = (said >= 0.5) & yes
    precision, recall = (found.sum() / max(of.sum(), 1) for of in (said >= 0.5, yes))
    tenth = np.minimum((said * 10).astype(int), 9)
    gaps = np.abs(np.bincount(tenth, said - yes, minlength=10))
    pairs = yes.sum() * (~yes).sum()
    below = rankdata(said)[yes].sum() - yes.sum() * (yes.sum() + 1) / 2
    scores = {
        "brier": ((said - yes) ** 2).mean(),
        "brier_base": ((base - yes) ** 2).mean(),
        "accuracy": ((said >= 0.5) == yes).mean(),
        "accuracy_base": ((base >= 0.5) == yes).mean(),
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / (precision + recall) if found.any() else 0.0,
        "auc": below / pairs if pairs else np.nan,
        "calibration_error": gaps.sum() / len(yes),
        "n": len(yes),
    }
    return {name: float(value) for name, value in scores.items()}


def covered(y: Array, low: Array, high: Array) -> Array:
    """Tell which values lie inside their band, as 0 and 1."""
    return np.asarray((y >= low - TINY) & (y <= high + TINY), dtype=float)


def _scaled(loss: Array, scale: Array, root: bool = False) -> float:
    known = np.isfinite(loss)
    count = np.where(known.any(axis=2), known.sum(axis=2), np.nan)
    ratio = np.where(known, loss, 0.0).sum(axis=2) / count / scale
    ratio = np.sqrt(ratio) if root else ratio
    return float(ratio[np.isfinite(ratio)].mean()) if np.isfinite(ratio).any() else float("nan")
