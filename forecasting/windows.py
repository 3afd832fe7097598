"""Windows cut out of a panel: the days behind an origin, and what is known there of the days ahead."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from forecasting.design import Days, PastDesign
from forecasting.frame import SEASON
from forecasting.grid import Array
from forecasting.trailing import trailing_mean
from forecasting.tree_design import TreeDesign
from forecasting.window_scales import Floats, Scales

HIGHEST = 8.0
HEAVIEST = 5.0
USUAL = "weekday:same4"
WEEKLY = ("week_", "off", "on_weekend")


@dataclass(frozen=True)
class Batch:
    """B windows of W days behind and h days ahead.

    Attributes
    ----------
    behind : (B, W, width) tensor
        Sales against the level at the origin and against the weekday's usual, whether they are known, the
        calendar, the known-ahead and the past columns of each day; zero before a panel's first day.
    ahead : (B, h, width_ahead) tensor
        What is known at the origin of each day ahead, and the static numbers.
    codes : (B, C) tensor of int
        Static words; 0 is unknown.
    usual : (B, h) tensor
        Mean of the last four same weekdays before the origin, in levels; the level where there is none.
    target : (B, h) tensor
        Sales in levels, 0 where unknown.
    weight : (B, h) tensor
        What a level is worth in units of the series' mean, 0 where the target is unknown.
    """

    behind: Tensor
    ahead: Tensor
    codes: Tensor
    usual: Tensor
    target: Tensor
    weight: Tensor

    def forget(self, rng: np.random.Generator, share: float) -> "Batch":
        """Return the windows with a share of the static words unknown, so that 0 is learned too."""
        kept = torch.from_numpy(rng.random(self.codes.shape) >= share)
        return replace(self, codes=self.codes * kept)


class Windows:
    """All windows of a panel.

    Parameters
    ----------
    design : TreeDesign
        The panel's days in units of each series' mean, and the features of days ahead.
    scales : Scales
        What they are measured in.
    window, h : int
        Days behind and ahead.
    """

    def __init__(self, design: TreeDesign, scales: Scales, window: int, h: int) -> None:
        self.design, self.scales, self.window, self.h = design, scales, window, h
        grid = design.grid
        usual = trailing_mean(design.sold, 4, SEASON)
        self._surprise = np.full_like(design.sold, np.nan)
        self._surprise[:, SEASON:] = design.sold[:, SEASON:] - usual[:, :-SEASON]
        self._days = _facts_of_days(design, scales)
        self._facts, self._codes = scales.known_facts(grid), scales.categories(grid)

    @property
    def width(self) -> int:
        """Columns of a day behind."""
        return 2 + int(self._days.shape[2])

    @property
    def width_ahead(self) -> int:
        """Columns of a day ahead."""
        return self.scales.width_ahead + int(self._facts.shape[1])

    def begun(self, origins: Days) -> tuple[Days, Days]:
        """Pair the series with those origins by which they have sold anything: rows and origins, (R,)."""
        rows, days = np.nonzero(np.isfinite(self.design.level[:, origins]))
        return rows, origins[days]

    def cut(self, rows: Days, origins: Days) -> Batch:
        """Cut the windows of these series, (B,), that end on these days, (B,)."""
        level = self.design.base[rows, origins][:, None]
        days = origins[:, None] + np.arange(1, self.h + 1)
        features = self._features(rows, origins, days)
        usual = features[:, :, self.design.names.index(USUAL)]
        target = self._target(rows, days) / level
        known = np.isfinite(target)
        return Batch(
            torch.from_numpy(self._behind(rows, origins, level)),
            torch.from_numpy(self._ahead(rows, features)),
            torch.from_numpy(self._codes[rows]),
            torch.from_numpy(np.where(np.isfinite(usual), usual, np.float32(1.0))),
            torch.from_numpy(np.nan_to_num(target).astype(np.float32)),
            torch.from_numpy((known * np.minimum(level, HEAVIEST)).astype(np.float32)),
        )

    def _behind(self, rows: Days, origins: Days, level: Array) -> Floats:
        back = origins[:, None] + np.arange(1 - self.window, 1)
        at = rows[:, None], np.maximum(back, 0)
        sales = np.stack([self.design.sold[at] / level, self._surprise[at] / level], axis=2)
        sales = np.nan_to_num(np.clip(sales, -HIGHEST, HIGHEST)).astype(np.float32)
        return np.asarray(np.concatenate([sales, self._days[at]], axis=2) * (back >= 0)[:, :, None])

    def _features(self, rows: Days, origins: Days, days: Days) -> Floats:
        flat = self.design.rows(np.repeat(rows, self.h), np.repeat(origins, self.h), days.ravel())
        return flat.reshape(*days.shape, -1)

    def _ahead(self, rows: Days, features: Floats) -> Floats:
        flat = features.reshape(-1, features.shape[2])
        scaled = self.scales.ahead(self.design.names, flat).reshape(*features.shape[:2], -1)
        facts = np.broadcast_to(self._facts[rows][:, None], (*features.shape[:2], self._facts.shape[1]))
        return np.concatenate([scaled, facts], axis=2)

    def _target(self, rows: Days, days: Days) -> Array:
        sold = self.design.sold
        if days.max() >= sold.shape[1]:
            return np.full(days.shape, np.nan)
        return np.asarray(sold[rows[:, None], days])


def _facts_of_days(design: TreeDesign, scales: Scales) -> Floats:
    """Return what is known of each known day besides sales, (n, T, columns)."""
    grid = design.grid
    calendar, names = grid.calendar(0)
    weekly = calendar[:, [name.startswith(WEEKLY) for name in names]]
    n, length = design.sold.shape
    parts = [
        np.isfinite(design.sold)[:, :, None],
        np.broadcast_to(weekly, (n, *weekly.shape)),
        scales.planned(design.ahead[:, :length]),
        PastDesign(grid).values,
    ]
    return np.concatenate(parts, axis=2).astype(np.float32)
