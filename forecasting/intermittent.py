"""Demand that comes now and then: its size and how often it comes, apart."""

import numpy as np
from statsforecast.models import ADIDA as StatsADIDA
from statsforecast.models import TSB as StatsTSB
from statsforecast.models import CrostonSBA as StatsCrostonSBA

from forecasting.grid import Array
from forecasting.local import LocalForecaster

MAX_DAYS = 500


class CrostonSBA(LocalForecaster):
    """Croston's method (1972) without its bias (Syntetos & Boylan, 2005): a flat mean.

    Parameters
    ----------
    alias : str
        Name of the forecast column.
    max_days : int
        Days of history used.
    """

    def __init__(self, alias: str = "CrostonSBA", max_days: int = MAX_DAYS) -> None:
        self.alias = alias
        self.max_days = max_days

    def _one(self, y: Array, h: int) -> Array:
        return np.asarray(StatsCrostonSBA().forecast(y=y, h=h)["mean"])


class TSB(LocalForecaster):
    """Smooths the size of a sale and, every day, its probability (Teunter, Syntetos & Babai, 2011).

    So the forecast of a product that nobody buys any more fades away.

    Parameters
    ----------
    alias : str
        Name of the forecast column.
    size, chance : float
        Weight of the newest sale, and of the newest day.
    max_days : int
        Days of history used.
    """

    def __init__(
        self, alias: str = "TSB", size: float = 0.1, chance: float = 0.05, max_days: int = MAX_DAYS
    ) -> None:
        self.alias = alias
        self.size = size
        self.chance = chance
        self.max_days = max_days

    def _one(self, y: Array, h: int) -> Array:
        return np.asarray(StatsTSB(alpha_d=self.size, alpha_p=self.chance).forecast(y=y, h=h)["mean"])


class ADIDA(LocalForecaster):
    """Sums days until sales are regular, smooths, and spreads again (Nikolopoulos et al., 2011).

    Parameters
    ----------
    alias : str
        Name of the forecast column.
    max_days : int
        Days of history used.
    """

    def __init__(self, alias: str = "ADIDA", max_days: int = MAX_DAYS) -> None:
        self.alias = alias
        self.max_days = max_days

    def _one(self, y: Array, h: int) -> Array:
        return np.asarray(StatsADIDA().forecast(y=y, h=h)["mean"])
