"""Boosted trees: one model of all series and all days of the horizon."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import lightgbm as lgb
import numpy as np
from scipy.stats import ttest_ind

from forecasting.design import Days
from forecasting.frame import SEASON
from forecasting.grid import Array, Grid
from forecasting.local import capped
from forecasting.log_mean import log_mean
from forecasting.model import TWO_SEASONS, Forecaster, State, naive
from forecasting.trailing import trailing_mean
from forecasting.tree_design import Features, Layout, TreeDesign

OBJECTIVES = {"absolute": "l1", "squared": "l2", "tweedie": "tweedie", "poisson": "poisson"}
LOGARITHMIC = ("tweedie", "poisson")
MAX_ROWS = 300_000
LEAST_ROWS = 200
FESTIVE_LEVEL = 0.01
FEW_DAYS_OFF = 5
STILL = 1e-9
BLOCK = 1000
_DRIVERS = {"product": "trend", "closure": "holiday"}


class Trees(Forecaster):
    """Gradient-boosted trees (Ke et al., 2017) that forecast every day of the horizon directly.

    Each known day is a training row, paired with an origin 1 … h days before it; the features are what was
    known on the origin, see `forecasting.tree_design`. The target is sales relative to the level at the
    origin, weighted by that level, so that the loss is one of sales in units of the series' mean. Several
    models of different origins and seeds are averaged. Chinese days off and festivals are features only
    where they move the panel's sales.

    Parameters
    ----------
    h : int
        The longest horizon to learn.
    alias : str
        Name of the forecast column.
    ignore : tuple of str
        Past columns it does without.
    loss : str
        ``absolute`` (the forecast is the median), ``squared``, ``tweedie`` or ``poisson`` (the mean; the
        latter two for counts).
    trees, leaves : int
        Trees of each model, and leaves of each tree.
    learning_rate : float
        Share of each tree's answer that is added.
    least_rows : int
        Fewest training rows of a leaf.
    bags : int
        Models averaged.
    max_days : int
        Days of history to learn from.
    seed, threads : int
        Seed of everything random; models learned at the same time.
    """

    separable = True
    concurrent = True

    def __init__(
        self,
        h: int = 14,
        alias: str = "Trees",
        ignore: tuple[str, ...] = (),
        loss: str = "absolute",
        trees: int = 500,
        leaves: int = 31,
        learning_rate: float = 0.05,
        least_rows: int = 40,
        bags: int = 2,
        max_days: int = 1100,
        seed: int = 0,
        threads: int = 2,
    ) -> None:
        self.h = h
        self.alias = alias
        self.ignore = ignore
        self.loss = loss
        self.trees = trees
        self.leaves = leaves
        self.learning_rate = learning_rate
        self.least_rows = least_rows
        self.bags = bags
        self.max_days = max_days
        self.seed = seed
        self.threads = threads

    def _learn(self, grid: Grid) -> None:
        self.layout_ = Layout.of(grid, days_off_matter(grid), self.h)
        self.boosters_: list[lgb.Booster] = []
        if np.isfinite(grid.demand[:, TWO_SEASONS:]).sum() < LEAST_ROWS:
            reason = f"fewer than {LEAST_ROWS} known days to learn from: seasonal naive"
            self.fallbacks_ = dict.fromkeys(grid.ids, reason) | self.fallbacks_
            return
        # Each model has one thread of its own: two threads in one model wait for each other at every tree.
        with ThreadPoolExecutor(self.threads) as pool:
            self.boosters_ = list(pool.map(self._boost, self._samples(grid)))

    def _samples(self, grid: Grid) -> Iterator[tuple[lgb.Dataset, int]]:
        """Yield the training rows of each model, and its seed."""
        parts = np.array_split(np.arange(len(grid.ids)), -(-len(grid.ids) // BLOCK))
        for bag in range(self.bags):
            rng = np.random.default_rng([self.seed, bag])
            rows = [self._rows(grid, part, MAX_ROWS * len(part) // len(grid.ids), rng) for part in parts]
            features, label, weight = (np.concatenate(values) for values in zip(*rows, strict=True))
            data = lgb.Dataset(
                features,
                label=label,
                weight=weight,
                feature_name=[f"f{index}" for index in range(features.shape[1])],
                categorical_feature=[features.shape[1] - 1],
                params={"verbose": -1},
            )
            yield data, int(rng.integers(2**31))

    def _rows(
        self, grid: Grid, part: Days, most: int, rng: np.random.Generator
    ) -> tuple[Features, Array, Array]:
        """Return features, target and weight of some series' known days, each with a random origin."""
        design = TreeDesign(grid.take(part), 0, self.layout_, reach=self.h, codes=part)
        series, origins, targets = design.pairs(max(TWO_SEASONS, grid.length - self.max_days), rng)
        if len(series) > most:
            kept = np.sort(rng.choice(len(series), most, replace=False))
            series, origins, targets = series[kept], origins[kept], targets[kept]
        base = design.base[series, origins]
        return design.rows(series, origins, targets), design.sold[series, targets] / base, base

    def _boost(self, sample: tuple[lgb.Dataset, int]) -> lgb.Booster:
        data, seed = sample
        return lgb.train(self._settings(seed), data, num_boost_round=self.trees)

    def _settings(self, seed: int) -> dict[str, Any]:
        return {
            "objective": OBJECTIVES[self.loss],
            "num_leaves": self.leaves,
            "learning_rate": self.learning_rate,
            "min_data_in_leaf": self.least_rows,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "feature_fraction": 0.7,
            "lambda_l2": 1.0,
            "num_threads": 1,
            "seed": seed,
            "deterministic": True,
            "force_row_wise": True,
            "verbose": -1,
        }

    def forecast(self, grid: Grid, h: int) -> Array:
        """Forecast the (n, h) values after the grid's cutoff."""
        if h > self.h:
            raise ValueError(f"{self.alias} was fitted for {self.h} days ahead, not {h}")
        if not self.boosters_:
            return naive(grid, h)
        parts = np.array_split(np.arange(len(grid.ids)), -(-len(grid.ids) // BLOCK))
        values = np.concatenate([self._ahead(grid.take(part), h) for part in parts])
        return capped(values, grid)

    def _ahead(self, grid: Grid, h: int) -> Array:
        features, scale = self.features_ahead(grid, h)
        share = np.mean([booster.predict(features, num_threads=1) for booster in self.boosters_], axis=0)
        return np.asarray((share * scale).reshape(-1, h))

    def contributions(self, grid: Grid, h: int) -> dict[str, float]:
        """Split the sum of the h days of one series by driver, exactly, with their ``total``.

        Shapley values of each tree (Lundberg et al., 2020) are in shares of the level; times the level they
        are units. What is the series' own and the level itself is ``trend``.
        """
        features, scale = self.features_ahead(self._view(grid), h)
        split = np.mean([self._shapley(booster, features) for booster in self.boosters_], axis=0)
        units = (split * scale[:, None]).sum(axis=0)
        effects: dict[str, float] = {"total": float(units.sum()), "trend": float(units[-1])}
        for name, value in zip(self.names_, units[:-1], strict=True):
            driver = _DRIVERS.get(name.partition(":")[0], name.partition(":")[0])
            effects[driver] = effects.get(driver, 0.0) + float(value)
        return effects

    def _shapley(self, booster: lgb.Booster, features: Features) -> Array:
        """Return the Shapley values of each row and the answer without any, (R, F + 1), in shares."""
        split = np.asarray(booster.predict(features, pred_contrib=True, num_threads=1))
        if self.loss not in LOGARITHMIC:
            return split
        usual, answer = np.exp(split[:, -1]), np.exp(split.sum(axis=1))
        return np.column_stack([split[:, :-1] * log_mean(answer, usual)[:, None], usual])

    def features_ahead(self, grid: Grid, h: int) -> tuple[Features, Array]:
        """Return the features of the h days of every series, (n * h, F), and what an answer of 1 means."""
        codes = np.searchsorted(self.grid_.ids, grid.ids)
        design = TreeDesign(grid, h, self.layout_, reach=self.h, codes=codes)
        n, last = len(grid.ids), grid.length - 1
        series = np.repeat(np.arange(n), h)
        origins = np.full(n * h, last)
        targets = np.tile(np.arange(last + 1, last + 1 + h), n)
        self.names_ = design.names
        return design.rows(series, origins, targets), np.repeat(design.base[:, last] * design.unit, h)

    def state(self) -> State:
        """Return the layout, and the models as LightGBM's own text."""
        texts = {
            f"booster{index}": cast("Array", np.frombuffer(booster.model_to_string().encode(), np.uint8))
            for index, booster in enumerate(self.boosters_)
        }
        return {"layout": self.layout_.to_json(), "boosters": len(self.boosters_)}, texts

    def restore(self, meta: dict[str, Any], arrays: dict[str, Array]) -> None:
        """Take back what `state` returned."""
        self.layout_ = Layout(**meta["layout"])
        self.boosters_ = [
            lgb.Booster(model_str=arrays[f"booster{index}"].tobytes().decode())
            for index in range(meta["boosters"])
        ]


def days_off_matter(grid: Grid) -> bool:
    """Tell whether sales differ on the days that China moved to or from the weekend (Welch's test, 1947).

    The panel's mean deviation from the same weekdays before is one observation a day. With fewer than five
    such days the answer is yes: the shops this is made for are Chinese.
    """
    calendar, names = grid.calendar(0)
    special = calendar[:, [names.index("off_workday"), names.index("on_weekend")]].sum(axis=1) > 0
    usual = trailing_mean(grid.demand, 4, SEASON)
    ratio = grid.demand[:, SEASON:] / np.maximum(usual[:, :-SEASON], 1e-9)
    known = np.isfinite(ratio) & (usual[:, :-SEASON] > 0)
    seen = known.sum(axis=0)
    surprise = np.where(known, np.minimum(ratio, 3.0), 0.0).sum(axis=0) / np.maximum(seen, 1)
    special, surprise = special[SEASON:][seen > 0], surprise[seen > 0]
    if special.sum() < FEW_DAYS_OFF or (~special).sum() < FEW_DAYS_OFF:
        return True
    if min(np.ptp(surprise[special]), np.ptp(surprise[~special])) < STILL:
        return bool(abs(surprise[special].mean() - surprise[~special].mean()) > STILL)
    return bool(ttest_ind(surprise[special], surprise[~special], equal_var=False).pvalue < FESTIVE_LEVEL)
