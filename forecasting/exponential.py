"""Exponential smoothing: ETS and the Theta method, and decomposition by STL."""

import numpy as np
from statsforecast.models import MSTL as StatsMSTL
from statsforecast.models import AutoETS, DynamicOptimizedTheta

from forecasting.frame import SEASON
from forecasting.grid import Array
from forecasting.local import LocalForecaster

MAX_DAYS = 500


class ETS(LocalForecaster):
    """Exponential smoothing with additive or multiplicative error, trend and season, by AICc.

    Hyndman et al. (2002); a trend is damped (Gardner & McKenzie, 1985), which is Holt–Winters where there
    is one and a season.

    Parameters
    ----------
    alias : str
        Name of the forecast column.
    max_days : int
        Days of history used.
    """

    def __init__(self, alias: str = "ETS", max_days: int = MAX_DAYS) -> None:
        self.alias = alias
        self.max_days = max_days

    def _one(self, y: Array, h: int) -> Array:
        return np.asarray(AutoETS(season_length=SEASON, damped=True).forecast(y=y, h=h)["mean"])


class Theta(LocalForecaster):
    """The dynamic optimised Theta method (Fiorucci et al., 2016), with an additive weekly season.

    Parameters
    ----------
    alias : str
        Name of the forecast column.
    max_days : int
        Days of history used.
    """

    def __init__(self, alias: str = "Theta", max_days: int = MAX_DAYS) -> None:
        self.alias = alias
        self.max_days = max_days

    def _one(self, y: Array, h: int) -> Array:
        model = DynamicOptimizedTheta(season_length=SEASON, decomposition_type="additive")
        return np.asarray(model.forecast(y=y, h=h)["mean"])


class MSTL(LocalForecaster):
    """Decomposition by LOESS into trend, week and, from two years on, year (Bandara et al., 2021).

    The trend is forecast by exponential smoothing, the seasons repeat.

    Parameters
    ----------
    alias : str
        Name of the forecast column.
    max_days : int
        Days of history used.
    """

    def __init__(self, alias: str = "MSTL", max_days: int = 800) -> None:
        self.alias = alias
        self.max_days = max_days

    def _one(self, y: Array, h: int) -> Array:
        return np.asarray(StatsMSTL(season_length=seasons(len(y))).forecast(y=y, h=h)["mean"])


def seasons(days: int) -> list[int]:
    """Return the season lengths that so many days can show."""
    return [SEASON, 52 * SEASON] if days > 2 * 52 * SEASON else [SEASON]


def decompose(y: Array) -> dict[str, Array]:
    """Split a series without gaps, (T,), into ``trend``, ``seasonal`` parts and ``remainder``.

    Returns
    -------
    dict
        Arrays (T,) that add up to ``y``: ``trend``, ``week``, ``year`` where two years are known, and
        ``remainder``.
    """
    found = StatsMSTL(season_length=seasons(len(y))).fit(y=y).model_
    names = {"trend": "trend", f"seasonal{SEASON}": "week", f"seasonal{52 * SEASON}": "year"}
    names |= {"seasonal": "week", "remainder": "remainder"}
    return {names[column]: found[column].to_numpy(float) for column in found.columns if column in names}
