"""What the networks share: windows of all series, a loop that learns, quantiles that come out."""

from abc import abstractmethod
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Self

import numpy as np
import torch
from torch import nn

from forecasting.design import Days
from forecasting.frame import SEASON
from forecasting.grid import Array, Grid
from forecasting.local import HIGHEST
from forecasting.model import TWO_SEASONS, Forecaster, State, naive
from forecasting.network import MEDIAN, QUANTILES, Network
from forecasting.training import Course, train
from forecasting.tree_design import Layout, TreeDesign
from forecasting.trees import days_off_matter
from forecasting.window_scales import Scales
from forecasting.windows import Windows

BLOCK = 1000
REFRESH = 4
LEVELS = {50: (0.25, 0.75), 80: (0.1, 0.9), 95: (0.025, 0.975)}


class NeuralForecaster(Forecaster):
    """Networks for all series at once; a subclass says how the days behind an origin are read.

    An encoder reads the last weeks; its state starts a decoder that walks over the days ahead and sees what
    is known of each: known-ahead columns with leads and lags, the calendar, how the series answered so far.
    Sales are measured against the level of the 28 days up to the origin, and the loss in units of each
    series' mean. Seven quantiles are learned by pinball loss (Koenker & Bassett, 1978); the median is the
    forecast. Learning stops when a held-out end of the history stops improving. Several networks are
    averaged. At a later cutoff they learn on from where they are, for a quarter of the steps.

    Parameters
    ----------
    h : int
        The longest horizon to learn.
    alias : str
        Name of the forecast column; by default that of the class.
    ignore : tuple of str
        Past columns it does without.
    window : int
        Days the encoder reads.
    hidden : int
        Width of the state.
    max_steps, batch, patience : int
        Most training steps, windows per step, and checks without gain before stopping.
    learning_rate : float
        Peak rate of AdamW.
    members : int
        Networks averaged.
    seed, threads : int
        Seed of everything random; networks learning at the same time.
    """

    separable = True

    def __init__(
        self,
        h: int = 14,
        alias: str = "",
        ignore: tuple[str, ...] = (),
        window: int = 56,
        hidden: int = 64,
        max_steps: int = 400,
        batch: int = 64,
        patience: int = 8,
        learning_rate: float = 5e-3,
        members: int = 2,
        seed: int = 0,
        threads: int = 2,
    ) -> None:
        self.h = h
        self.alias = alias or type(self).__name__
        self.ignore = ignore
        self.window = window
        self.hidden = hidden
        self.max_steps = max_steps
        self.batch = batch
        self.patience = patience
        self.learning_rate = learning_rate
        self.members = members
        self.seed = seed
        self.threads = threads

    @abstractmethod
    def _encoder(self, width: int) -> nn.Module:
        """Build a module from days behind (B, W, width) to a state (B, hidden)."""

    def _learn(self, grid: Grid) -> None:
        self.networks_: list[Network] = []
        if len(self._origins(grid)[0]) < SEASON:
            reason = f"the panel has only {grid.length} days: seasonal naive"
            self.fallbacks_ = dict.fromkeys(grid.ids, reason) | self.fallbacks_
            return
        part = _spread_over(grid)
        design = self._design(part, Layout.of(grid, days_off_matter(grid)), 0)
        self.scales_ = Scales.of(design, np.random.default_rng(self.seed))
        windows = Windows(design, self.scales_, self.window, self.h)
        self.widths_ = [windows.width, windows.width_ahead]
        self.networks_ = self._build(self.members)
        self._train(windows, Course(self.max_steps, self.batch, self.patience, self.learning_rate))

    def update(self, grid: Grid) -> Self:
        """Move on to a later cutoff and learn on; after a fall-back, learn from the start."""
        if not self.networks_:
            return self.fit_grid(grid)
        self.see(grid)
        design = self._design(_spread_over(self.grid_), self.scales_.layout, 0)
        steps = max(self.max_steps // REFRESH, 1)
        course = Course(steps, self.batch, self.patience, self.learning_rate / REFRESH)
        self._train(Windows(design, self.scales_, self.window, self.h), course)
        return self

    def _train(self, windows: Windows, course: Course) -> None:
        grid = windows.design.grid
        early, late = (windows.begun(origins) for origins in self._origins(grid))
        if not len(early[0]):
            return

        def learn(member: int) -> None:
            train(self.networks_[member], windows, early, late, course, [self.seed, member, grid.length])

        with _one_thread(), ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(learn, range(len(self.networks_))))

    def _origins(self, grid: Grid) -> tuple[Days, Days]:
        """Return the origins to learn from and the later ones to check on; their targets do not overlap."""
        origins = np.arange(TWO_SEASONS, grid.length - self.h)
        check = min(self.h, len(origins) // 5)
        first = len(origins) - check
        return origins[: max(first - self.h, len(origins) // 2)], origins[first:]

    def _design(self, grid: Grid, layout: Layout, h: int) -> TreeDesign:
        return TreeDesign(grid, h, layout, reach=self.h, codes=np.arange(len(grid.ids)))

    def _build(self, count: int) -> list[Network]:
        width, width_ahead = self.widths_
        categories = [len(labels) for labels in self.scales_.labels.values()]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            return [Network(self._encoder(width), self.hidden, width_ahead, categories) for _ in range(count)]

    def forecast(self, grid: Grid, h: int) -> Array:
        """Forecast the (n, h) values after the grid's cutoff: the median."""
        return self._ahead(grid, h)[:, :, MEDIAN]

    def quantiles(self, grid: Grid, h: int) -> dict[int, tuple[Array, Array]]:
        """Forecast bands as the networks learned them.

        Parameters
        ----------
        grid : Grid
            n series with the known-ahead columns of the next days.
        h : int
            Days ahead, at most those learned.

        Returns
        -------
        dict
            Level in per cent -> lower and upper end, (n, h) each; NaN for a series that fell back.
        """
        grid = self._view(grid)
        values = np.maximum(self._ahead(grid, h), 0.0)
        values[grid.closed_until(h)[:, -h:]] = 0.0
        values[[uid in self.fallbacks_ for uid in grid.ids]] = np.nan
        at = QUANTILES.index
        return {
            level: (values[:, :, at(low)], values[:, :, at(high)]) for level, (low, high) in LEVELS.items()
        }

    def _ahead(self, grid: Grid, h: int) -> Array:
        """Return all quantiles of the next days, (n, h, Q)."""
        if h > self.h:
            raise ValueError(f"{self.alias} was fitted for {self.h} days ahead, not {h}")
        if not self.networks_:
            return np.repeat(naive(grid, h)[:, :, None], len(QUANTILES), axis=2)
        parts = np.array_split(np.arange(len(grid.ids)), -(-len(grid.ids) // BLOCK))
        return np.concatenate([self._of_part(grid.take(part), h) for part in parts])

    def _of_part(self, grid: Grid, h: int) -> Array:
        design = self._design(grid, self.scales_.layout, h)
        rows, last = np.arange(len(grid.ids)), grid.length - 1
        batch = Windows(design, self.scales_, self.window, h).cut(rows, np.full(len(rows), last))
        with _one_thread(), torch.no_grad():
            levels = np.mean([network(batch).numpy() for network in self.networks_], axis=0, dtype=float)
        unit = (design.base[:, last] * design.unit)[:, None, None]
        record = np.nan_to_num(grid.demand).max(axis=1, initial=0.0)
        return np.asarray(np.minimum(levels * unit, HIGHEST * record[:, None, None]))

    def state(self) -> State:
        """Return what the windows are measured in, and the weights."""
        if not self.networks_:
            return {"members": 0}, {}
        meta = {"members": len(self.networks_), "widths": self.widths_, "scales": self.scales_.to_json()}
        weights = {
            f"{index}.{name}": value.numpy()
            for index, network in enumerate(self.networks_)
            for name, value in network.state_dict().items()
        }
        return meta, weights

    def restore(self, meta: dict[str, Any], arrays: dict[str, Array]) -> None:
        """Take back what `state` returned."""
        self.networks_ = []
        if not meta["members"]:
            return
        self.scales_, self.widths_ = Scales.from_json(meta["scales"]), meta["widths"]
        self.networks_ = self._build(meta["members"])
        for index, network in enumerate(self.networks_):
            names = network.state_dict()
            network.load_state_dict({n: torch.from_numpy(arrays[f"{index}.{n}"].copy()) for n in names})


def _spread_over(grid: Grid) -> Grid:
    """Return at most so many series, spread over the panel, as there are to learn from."""
    if len(grid.ids) <= BLOCK:
        return grid
    return grid.take(np.linspace(0, len(grid.ids) - 1, BLOCK).astype(np.int64))


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let each network compute in one thread; several at once would wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
