"""Seasonal naive: next Monday will be like last Monday."""

from typing import Any

from forecasting.grid import Array, Grid
from forecasting.model import Forecaster, State, naive


class SeasonalNaive(Forecaster):
    """Repeat the last known value of the same weekday; the yardstick every other model has to beat.

    A weekday unknown for four weeks takes the series' mean; a series without history gets zero.

    Parameters
    ----------
    alias : str
        Name of the forecast column.

    Examples
    --------
    >>> import pandas as pd
    >>> from forecasting.frame import PanelSpec
    >>> days = pd.date_range("2026-03-02", periods=14)
    >>> panel = pd.DataFrame({"unique_id": "A", "ds": days, "y": range(14)})
    >>> SeasonalNaive().fit(panel, PanelSpec()).predict(2)["SeasonalNaive"].tolist()
    [7.0, 8.0]
    """

    needs = 0
    separable = True

    def __init__(self, alias: str = "SeasonalNaive") -> None:
        self.alias = alias

    def _learn(self, grid: Grid) -> None:
        """Nothing beyond the history itself."""

    def forecast(self, grid: Grid, h: int) -> Array:
        """Forecast the (n, h) values after the grid's cutoff."""
        return naive(grid, h)

    def state(self) -> State:
        """Return nothing: the history is all there is."""
        return {}, {}

    def restore(self, meta: dict[str, Any], arrays: dict[str, Array]) -> None:
        """Take back nothing."""
