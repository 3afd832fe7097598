"""Short and new series: what is usual among alike products, corrected by the days seen so far."""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import digamma

from forecasting.effects import effect_of, learn_effects
from forecasting.frame import SEASON
from forecasting.grid import Array, Grid
from forecasting.launches import WEEKS, first_days, launch_curve, launched
from forecasting.model import Forecaster, State
from forecasting.similarity import Analogy, traits

MATURE = 8 * SEASON
LEAST_LEVEL = 0.01
LEAST_SHARE = 0.01
LEAST_SPREAD = 0.02
LEAST_APART = 0.02
LEAST_WEEK_APART = 0.002
DEAD = 0.05
TINY = 1e-6
MEMORIES = (7.0, 14.0, 28.0, 56.0)
Rows = npt.NDArray[np.int64]


class Analogues(Forecaster):
    """Level, week and launch of a series: a prior from its analogues that its own days update.

    Sales of a day are Poisson with overdispersion around level x weekday x week of life x known-ahead
    values. The level is gamma distributed around that of alike products, see `forecasting.similarity`, so
    its estimate is (own sales + prior) / (own days + weight of the prior): the less alike products differ
    and the more restless sales are, the more the prior weighs (Robbins, 1956; Bühlmann, 1967). Weekdays are
    updated in the same way. A series without any day gets the prior. One product in twenty is taken not to
    sell at all, which a few days of zeros make all but certain where alike products sell every day.

    Parameters
    ----------
    alias : str
        Name of the forecast column.
    """

    needs = 0
    separable = True

    def __init__(self, alias: str = "Analogues") -> None:
        self.alias = alias

    def _learn(self, grid: Grid) -> None:
        recent = grid.demand[:, -2 * MATURE :]
        days = np.isfinite(recent).sum(axis=1)
        teachers = np.flatnonzero(days >= min(MATURE, days.max()))
        everyone = np.arange(len(grid.ids))
        level = _means(recent[teachers])
        level = np.maximum(level, max(LEAST_LEVEL, LEAST_SHARE * float(np.median(level))))
        analogy = Analogy(traits(grid), teachers, np.log(level))
        self.level_ = np.exp(analogy.guess(everyone, np.log(level)[:, None])[:, 0])
        self.apart_ = max(analogy.error, LEAST_APART)
        share = recent[teachers] / level[:, None]
        weekday = grid.days().dayofweek.to_numpy()[-share.shape[1] :]
        week = np.stack([_means(share[:, weekday == day], 1.0) for day in range(SEASON)], axis=1)
        week /= np.maximum(week.mean(axis=1, keepdims=True), LEAST_SHARE)
        self.week_ = analogy.guess(everyone, week)
        self.effects_, usual = learn_effects(grid, teachers, share, week[:, weekday])
        excess = np.maximum(_means((share - usual) ** 2) - 1 / level, LEAST_SPREAD)
        self.excess_ = np.exp(analogy.guess(everyone, np.log(excess)[:, None])[:, 0])
        noise = SEASON * (excess + 1 / level) / np.maximum(days[teachers], 1)
        apart = float(np.mean((self.week_[teachers] - week) ** 2 - noise[:, None]))
        self.week_apart_ = max(apart, LEAST_WEEK_APART)
        self.memory_ = learn_memory(share, usual)
        self.born_ = launched(grid)
        self.curve_, self.curve_apart_ = launch_curve(grid)

    def forecast(self, grid: Grid, h: int) -> Array:
        """Forecast the (n, h) values after the grid's cutoff."""
        rows = np.searchsorted(self.grid_.ids, grid.ids)
        back = min(2 * MATURE, grid.length)
        sold, known = np.nan_to_num(grid.demand[:, -back:]), np.isfinite(grid.demand[:, -back:])
        weekday = grid.days(h).dayofweek.to_numpy()[-back - h :]
        factor, life = self._factors(grid, rows, h)
        factor, past = factor[:, -back - h :], weekday[:back]
        weight = known * 0.5 ** (np.arange(back)[::-1] / self.memory_)
        week = self.week_[rows]
        days = (weight * week[:, past] * factor[:, :back]).sum(axis=1)
        level, noise = self._level(rows, (weight * sold).sum(axis=1), days, life[:, grid.length - 1])
        for day in range(SEASON):
            here = weight * (past == day)
            seen = (here * factor[:, :back]).sum(axis=1) / noise
            share = (here * sold).sum(axis=1) / level / noise
            week[:, day] = (share + week[:, day] / self.week_apart_) / (seen + 1 / self.week_apart_)
        return np.asarray(level[:, None] * week[:, weekday[back:]] * factor[:, back:])

    def _level(self, rows: Rows, sold: Array, days: Array, life: Rows) -> tuple[Array, Array]:
        """Return level and variance of a day in units of the squared level, given sales in so many days."""
        apart = self.apart_ + self.curve_apart_[life]
        # The gamma distribution whose logarithm has this variance and the analogues' mean.
        shape = (1 + np.sqrt(1 + 2 * apart)) / (2 * apart)
        prior = self.level_[rows] * shape / np.exp(digamma(shape))
        dispersion = 1 + self.excess_[rows] * (sold + prior) / (days + 1)
        level = (sold / dispersion + shape) / (days / dispersion + shape / prior)
        chance = (1 + days / dispersion * prior / shape) ** -shape
        dead = np.where(sold > 0, 0.0, DEAD / (DEAD + (1 - DEAD) * chance))
        level = np.maximum(level * np.where(days > 0, 1 - dead, 1.0), TINY)
        return level, dispersion / level

    def _factors(self, grid: Grid, rows: Rows, h: int) -> tuple[Array, Rows]:
        """Return what week of life and known-ahead values multiply each day by, (n, T + h), and the week."""
        age = (np.arange(grid.length + h) - first_days(grid.y)[:, None]) // SEASON
        life = np.where(self.born_[rows][:, None], np.clip(age, 0, WEEKS), WEEKS)
        factor, ahead = self.curve_[life], grid.known_ahead(h)
        for name, effect in self.effects_.items():
            factor = factor * effect_of(effect, ahead[:, :, grid.spec.future.index(name)])
        return factor, life

    def state(self) -> State:
        """Return the priors and how much they weigh."""
        meta = {
            "apart": self.apart_,
            "week_apart": self.week_apart_,
            "memory": self.memory_,
            "effects": {name: list(effect.items()) for name, effect in self.effects_.items()},
        }
        names = ("level", "week", "excess", "curve", "curve_apart")
        arrays = {name: getattr(self, f"{name}_") for name in names}
        return meta, arrays | {"born": self.born_.astype(float)}

    def restore(self, meta: dict[str, Any], arrays: dict[str, Array]) -> None:
        """Take back what `state` returned."""
        self.apart_, self.week_apart_, self.memory_ = meta["apart"], meta["week_apart"], meta["memory"]
        self.effects_ = {name: dict(effect) for name, effect in meta["effects"].items()}
        for name, values in arrays.items():
            setattr(self, f"{name}_", values)
        self.born_ = arrays["born"] > 0


def learn_memory(share: Array, usual: Array) -> float:
    """Return the half-life in days with which past days foretell the two weeks after them best.

    Parameters
    ----------
    share, usual : (k, T) arrays
        Sales of long series over their level, NaN where unknown, and what is usual on those days.
    """
    known = np.isfinite(share)
    sold, usual = np.where(known, share, 0.0), np.where(known, usual, 0.0)
    errors = dict.fromkeys(MEMORIES, 0.0)
    for stop in range(share.shape[1] - 2 * SEASON, MATURE - 1, -2 * SEASON):
        ahead = slice(stop, stop + 2 * SEASON)
        for memory in MEMORIES:
            weight = 0.5 ** (np.arange(stop)[::-1] / memory)
            level = sold[:, :stop] @ weight / np.maximum(usual[:, :stop] @ weight, 1e-9)
            errors[memory] += float(np.abs(sold[:, ahead] - level[:, None] * usual[:, ahead]).sum())
    return min(MEMORIES, key=lambda memory: errors[memory])


def _means(values: Array, otherwise: float = 0.0) -> Array:
    known = np.isfinite(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), otherwise))
