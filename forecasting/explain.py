"""Why the next days differ from the usual, in units that add up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from forecasting.drivers import HOLIDAY, TREND
from forecasting.frame import SEASON
from forecasting.grid import Array, Grid
from forecasting.log_mean import log_mean
from forecasting.model import Forecaster
from forecasting.regression import Regression
from forecasting.trees import Trees

USUAL_DAYS = 28


@dataclass(frozen=True)
class Explanation:
    """A forecast over some days, taken apart: it is the usual plus all effects.

    Attributes
    ----------
    usual : float
        Units that the model expected of as many of the last 28 days, or their mean.
    effects : dict
        Driver -> units. Drivers are the known-ahead and past columns by name, ``weekday``, ``holiday``,
        ``shopping_festival``, ``season`` and ``trend``; see `forecasting.drivers` for their groups.
    """

    usual: float
    effects: dict[str, float]

    @property
    def total(self) -> float:
        """The forecast, in units over all days."""
        return self.usual + sum(self.effects.values())


def explain_mixture(
    parts: Sequence[tuple[float, Forecaster]], grid: Grid, unique_id: str, h: int
) -> Explanation:
    """Name what moves a weighted mean of models: the weighted mean of what moves each, see `explain`.

    Parameters
    ----------
    parts : sequence of (weight, model)
        The fitted models and their weights.
    grid : Grid
        What they forecast from, with the known-ahead columns of the next days.
    unique_id : str
        The series.
    h : int
        Days ahead.
    """
    usual, effects = 0.0, dict[str, float]()
    for share, model in parts:
        found = explain(model, grid, unique_id, h)
        usual += share * found.usual
        for name, effect in found.effects.items():
            effects[name] = effects.get(name, 0.0) + share * effect
    return Explanation(usual, effects)


def explain(model: Forecaster, grid: Grid, unique_id: str, h: int) -> Explanation:
    """Name what moves the forecast of the next ``h`` days.

    Parameters
    ----------
    model : Forecaster
        The fitted model that made the forecast.
    grid : Grid
        What it forecasts from, with the known-ahead columns of the next days.
    unique_id : str
        The series.
    h : int
        Days ahead.
    """
    row = grid.ids.index(unique_id)
    if model.separable:
        grid, row = grid.take([row]), 0
    total = float(model.forecast_grid(grid, h)[row].sum())
    if isinstance(model, Regression) and unique_id not in model.fallbacks_:
        usual, effects = _from_regression(model, grid, row, h)
    elif isinstance(model, Trees) and unique_id not in model.fallbacks_:
        usual, effects = _from_trees(model, grid, h)
    else:
        usual, effects = _from_comparison(model, grid, row, h, total)
    effects[TREND] = effects.get(TREND, 0.0) + total - usual - sum(effects.values())
    return Explanation(usual, effects)


def _from_regression(model: Regression, grid: Grid, row: int, h: int) -> tuple[float, dict[str, float]]:
    """Compare each log contribution with its mean over forecasts of the last four weeks.

    A product of effects becomes a sum by the logarithmic mean Divisia index (Ang, 2004).
    """
    now = model.contributions(grid, h)
    before = model.contributions(grid, h, back=min(USUAL_DAYS, grid.length - h - 1))
    high, low = np.exp(now.total[row]), np.exp(before.total[row])
    weight = log_mean(high, low)
    effects = {
        driver: float((weight * (values[row] - before.effects[driver][row])).sum())
        for driver, values in now.effects.items()
    }
    effects[TREND] += float((weight * (now.level[row] - before.level[row])).sum())
    return float(np.expm1(before.total[row]).sum()), effects


def _from_trees(model: Trees, grid: Grid, h: int) -> tuple[float, dict[str, float]]:
    """Compare the Shapley values of the drivers (Lundberg et al., 2020) with those four weeks before.

    Those days are forecast as if from the days before them, so that the same horizon is compared.
    """
    now = model.contributions(grid, h)
    earlier = [grid.until(grid.length - back) for back in (SEASON, 2 * SEASON, 3 * SEASON, 4 * SEASON)]
    before = [model.contributions(view, h) for view in earlier if view.length >= USUAL_DAYS]
    if not before:
        return now["total"], {}
    usual = {driver: float(np.mean([part[driver] for part in before])) for driver in now}
    effects = {driver: value - usual[driver] for driver, value in now.items() if driver != "total"}
    return usual["total"], effects


def _from_comparison(
    model: Forecaster, grid: Grid, row: int, h: int, total: float
) -> tuple[float, dict[str, float]]:
    """Ask the model again with one input after the other made ordinary (occlusion); the rest is trend."""
    effects: dict[str, float] = {}
    standing = total
    for name, view in _ever_plainer(model, grid, h):
        without = float(model.forecast_grid(view, h)[row].sum())
        effects[name], standing = standing - without, without
    recent_days = grid.demand[row, -USUAL_DAYS:]
    known = recent_days[np.isfinite(recent_days)]
    return (float(known.mean()) * h if len(known) else 0.0), effects


def _ever_plainer(model: Forecaster, grid: Grid, h: int) -> Iterator[tuple[str, Grid]]:
    """Yield an input's name and the grid in which it and those before it are ordinary."""
    for index, column in enumerate(grid.spec.future):
        future = grid.future.copy()
        recent = future[:, grid.length - USUAL_DAYS : grid.length, index]
        future[:, grid.length :, index] = recent.mean(axis=1, keepdims=True)
        grid = replace(grid, future=future)
        yield column, grid
    grid = grid.with_days_off(grid.days(h)[-h:], off=False)
    yield HOLIDAY, grid
    usual = np.concatenate([grid.past[:, :-USUAL_DAYS], _mean_past(grid, USUAL_DAYS)], axis=1)
    before, after = (model.forecast_grid(view, h) for view in (grid, replace(grid, past=usual)))
    for index, column in enumerate(grid.spec.past if (before != after).any() else ()):
        past = grid.past.copy()
        past[:, :, index] = usual[:, :, index]
        grid = replace(grid, past=past)
        yield column, grid


def _mean_past(grid: Grid, days: int) -> Array:
    """Repeat the mean of each series' past columns, (n, days, P)."""
    known = np.isfinite(grid.past)
    total = np.where(known, grid.past, 0.0).sum(axis=1, keepdims=True)
    mean = total / np.maximum(known.sum(axis=1, keepdims=True), 1)
    return np.asarray(np.repeat(mean, min(days, grid.length), axis=1))
