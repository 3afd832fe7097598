"""The fitted models that speak for each series, and how much each of them counts."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.champion import ENSEMBLE, YARDSTICK, Champion
from forecasting.counted import Counted, Told
from forecasting.grid import Array, Grid
from forecasting.lanes import in_lanes
from forecasting.model import Forecaster


@dataclass(frozen=True)
class Speakers:
    """Models and their weights, series by series.

    Parameters
    ----------
    models : dict
        Alias -> fitted model.
    shares : dict
        Alias -> weight in each series, (n,); the weights of a series add up to 1.
    """

    models: dict[str, Forecaster]
    shares: dict[str, Array]

    def of(self, row: int) -> list[tuple[float, Forecaster]]:
        """Return the weights and models that speak for a series."""
        parts = [(float(values[row]), self.models[alias]) for alias, values in self.shares.items()]
        return [(share, model) for share, model in parts if share > 0]

    def name(self, row: int) -> str:
        """Return the alias of the only model of a series, or ``Ensemble``."""
        parts = self.of(row)
        return parts[0][1].alias if len(parts) == 1 else ENSEMBLE

    def names(self, ids: Sequence[str], corrected: Collection[str], suffix: str) -> dict[str, str]:
        """Return the `name` of each series, with a suffix where sentiment corrects it."""
        return {
            uid: self.name(row) + (f"+{suffix}" if uid in corrected else "") for row, uid in enumerate(ids)
        }

    def renewed(self, grid: Grid, mixtures: Iterable[Champion], told: Told | None = None) -> "Speakers":
        """Let the models learn a grid of the same series, with the weights of the mixtures."""
        steps = Counted(len(self.models), told)
        models = in_lanes(list(self.models.values()), lambda model: learned(model, grid, steps))
        return Speakers(models, shares_of(models, mixtures, grid.ids))

    def forecast(self, grid: Grid, rows: Sequence[int], h: int) -> Array:
        """Mix the forecasts of some series, (len(rows), h)."""
        yhat = np.zeros((len(rows), h))
        for alias, shares in self.shares.items():
            share = shares[list(rows), None]
            if share.any():
                yhat += share * self.forecast_of(alias, grid, rows, h)
        return yhat

    def forecast_of(self, alias: str, grid: Grid, rows: Sequence[int], h: int) -> Array:
        """Return what one model says of some series, (len(rows), h)."""
        model = self.models[alias]
        if model.separable:
            return model.forecast_grid(grid.take(rows), h)
        return np.asarray(model.forecast_grid(grid, h)[list(rows)])


def learned(model: Forecaster, grid: Grid, steps: Counted) -> Forecaster:
    """Let a model learn a grid, the quick way where it has learned before, and count the step."""
    taught = model.update(grid) if hasattr(model, "grid_") else model.fit_grid(grid)
    steps.step()
    return taught


def shares_of(
    models: dict[str, Forecaster], mixtures: Iterable[Champion], ids: Sequence[str]
) -> dict[str, Array]:
    """Return each model's weight in each series, (n,); a model that fell back there has none."""
    shares = {alias: np.zeros(len(ids)) for alias in models}
    for mixture in mixtures:
        for alias, share in mixture.weights.items():
            fallen = np.isin(ids, list(models[alias].fallbacks_))
            shares[alias][mixture.rows] = np.where(fallen, 0.0, share)[mixture.rows]
    total = sum(shares.values(), np.zeros(len(ids)))
    shares = {alias: values / np.where(total > 0, total, 1.0) for alias, values in shares.items()}
    shares[YARDSTICK] = np.where(total > 0, shares[YARDSTICK], 1.0)
    return shares
