"""Several models speak together: weights from how wrong they were, drawn to usual ones."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from forecasting.grid import Array

MOST_ROWS = 30_000
EQUAL_WEIGHT = 60.0
PANEL_WEIGHT = 600.0
LEAST_SHARE = 0.05
SMOOTH = 1e-3
Rows = npt.NDArray[np.int64]


def ensemble_weights(
    errors: Mapping[str, Array], panel: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Weigh models so that the mean absolute error of their mixture is lowest, drawn to what is usual.

    The best weights of a few windows are partly luck (Smith & Wallis, 2009), so they count as much as the
    forecasts behind them, one for each series and window, against sixty for equal weights, or against six
    hundred for the weights of the whole panel where these are known. Shares under 5% are dropped.

    Parameters
    ----------
    errors : mapping
        Alias -> scaled errors (w, n, h), NaN where unknown.
    panel : mapping, optional
        Alias -> weight in the whole panel.

    Returns
    -------
    dict
        Alias -> weight; they add up to 1.
    """
    aliases = list(errors)
    stacked = np.stack([errors[alias] for alias in aliases], axis=-1)
    known = np.isfinite(stacked).all(axis=-1)
    usual = np.array([(panel or {}).get(alias, 0.0) for alias in aliases])
    against = PANEL_WEIGHT if usual.sum() > 0 else EQUAL_WEIGHT
    usual = usual / usual.sum() if usual.sum() > 0 else np.full(len(aliases), 1 / len(aliases))
    if len(aliases) == 1 or not known.any():
        return dict(zip(aliases, map(float, usual), strict=True))
    forecasts = float((known.sum(axis=2) > 0).sum())
    rows = stacked[known]
    best = _lowest(rows[:: -(-len(rows) // MOST_ROWS)])
    mixed = (forecasts * best + against * usual) / (forecasts + against)
    mixed[mixed < LEAST_SHARE] = 0.0
    return {
        alias: float(share) for alias, share in zip(aliases, mixed / mixed.sum(), strict=True) if share > 0
    }


def _lowest(errors: Array) -> Array:
    """Return the weights on the simplex with the lowest mean absolute error, rows (R, m) -> (m,)."""

    def loss(weights: Array) -> tuple[float, Array]:
        mixed = errors @ weights
        size = np.sqrt(mixed**2 + SMOOTH**2)
        return float(size.mean()), np.asarray((mixed / size) @ errors / len(errors))

    m = errors.shape[1]
    found = minimize(
        loss,
        np.full(m, 1 / m),
        jac=True,
        method="SLSQP",
        bounds=[(0.0, 1.0)] * m,
        constraints={"type": "eq", "fun": lambda weights: weights.sum() - 1, "jac": lambda _: np.ones(m)},
    )
    weights = np.clip(found.x, 0.0, 1.0)
    return np.asarray(weights / weights.sum())


def mix(forecasts: Mapping[str, Array], weights: Mapping[str, float]) -> Array:
    """Return the weighted sum of forecasts."""
    return np.asarray(sum(share * forecasts[alias] for alias, share in weights.items()))
