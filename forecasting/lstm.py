"""A global LSTM: one network for all series, with a window behind it and the calendar ahead of it."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from forecasting.design import Days, Design, PastDesign
from forecasting.frame import SEASON
from forecasting.grid import Array, Grid
from forecasting.model import TWO_SEASONS, Forecaster, State, ceiling

Floats = npt.NDArray[np.float32]
CHECK_EVERY = 20
MAX_CHECKED = 600


class LSTM(Forecaster):
    """An LSTM over the last weeks, and a head that knows the day it speaks about.

    The encoder (Hochreiter & Schmidhuber, 1997) reads log sales relative to the series' level and spread,
    the calendar, the known-ahead and the past columns of a window. For each day of the horizon a head
    combines its last state with that day's calendar and known-ahead columns, and corrects the mean of the
    last four same weekdays. It learns by absolute loss, stops when a held-out end of the history stops
    improving, and is the same on every run with the same seed.

    Parameters
    ----------
    h : int
        The longest horizon to learn.
    alias : str
        Name of the forecast column.
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
    seed, threads : int
        Seed of everything random; threads torch may use.
    """

    def __init__(
        self,
        h: int = 14,
        alias: str = "LSTM",
        ignore: tuple[str, ...] = (),
        window: int = 42,
        hidden: int = 32,
        max_steps: int = 400,
        batch: int = 64,
        patience: int = 6,
        learning_rate: float = 5e-3,
        seed: int = 0,
        threads: int = 1,
    ) -> None:
        self.h = h
        self.alias = alias
        self.ignore = ignore
        self.window = window
        self.hidden = hidden
        self.max_steps = max_steps
        self.batch = batch
        self.patience = patience
        self.learning_rate = learning_rate
        self.seed = seed
        self.threads = threads

    def _learn(self, grid: Grid) -> None:
        windows = _Windows(Design(grid, 0), PastDesign(grid), self.window, self.h)
        early, late = self._origins(grid)
        with _threads(self.threads), torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            self.network_ = _Network(windows.width, windows.width_ahead, self.hidden)
            self.learned_ = len(early) >= SEASON
            if not self.learned_:
                reason = f"the panel has only {grid.length} days: seasonal naive"
                self.fallbacks_ = dict.fromkeys(grid.ids, reason) | self.fallbacks_
                return
            self._train(windows, early, late)

    def _origins(self, grid: Grid) -> tuple[Days, Days]:
        """Return the origins to learn from and the later ones to check on; their targets do not overlap."""
        last = grid.length - 1 - self.h
        origins = np.arange(TWO_SEASONS, last + 1)
        check = min(self.h, len(origins) // 5)
        return origins[: max(len(origins) - check - self.h, len(origins) // 2)], origins[
            len(origins) - check :
        ]

    def _train(self, windows: "_Windows", early: Days, late: Days) -> None:
        rng = np.random.default_rng(self.seed)
        optimiser = torch.optim.AdamW(self.network_.parameters(), lr=self.learning_rate, weight_decay=1e-2)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, self.learning_rate, total_steps=self.max_steps
        )
        checked = windows.sample(rng, late, min(MAX_CHECKED, len(late) * windows.series))
        best, waited = float("inf"), 0
        kept = copy.deepcopy(self.network_.state_dict())
        for step in range(1, self.max_steps + 1):
            optimiser.zero_grad()
            loss = self._loss(windows.sample(rng, early, self.batch))
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self.network_.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            if step % CHECK_EVERY == 0:
                with torch.no_grad():
                    error = float(self._loss(checked))
                waited = 0 if error < best else waited + 1
                if error < best:
                    best, kept = error, copy.deepcopy(self.network_.state_dict())
                if waited >= self.patience:
                    break
        self.network_.load_state_dict(kept)

    def _loss(self, batch: "_Batch") -> Tensor:
        wrong = (self.network_(batch.behind, batch.ahead) + batch.base - batch.target).abs()
        loss: Tensor = (wrong * batch.known).sum() / batch.known.sum().clamp(min=1.0)
        return loss

    def update(self, grid: Grid) -> Self:
        """Read on to a later cutoff with the weights as they are; after a fall-back, learn."""
        return self.see(grid) if self.learned_ else self.fit_grid(grid)

    def forecast(self, grid: Grid, h: int) -> Array:
        """Forecast the (n, h) values after the grid's cutoff."""
        if h > self.h:
            raise ValueError(f"{self.alias} was fitted for {self.h} days ahead, not {h}")
        design = Design(grid, h)
        windows = _Windows(design, PastDesign(grid), self.window, h)
        rows = np.arange(len(grid.ids))
        with _threads(self.threads), torch.no_grad():
            batch = windows.batch(rows, np.full(len(rows), grid.length - 1))
            scaled = (self.network_(batch.behind, batch.ahead) + batch.base).numpy().astype(float)
        log = np.nan_to_num(design.level[:, -1])[:, None] + scaled * design.scale[:, None]
        return np.asarray(np.expm1(np.clip(log, 0.0, ceiling(grid)[:, None])))

    def state(self) -> State:
        """Return the network's widths and weights."""
        network = self.network_
        meta = {"width": network.width, "width_ahead": network.width_ahead, "learned": self.learned_}
        return meta, {name: value.numpy() for name, value in network.state_dict().items()}

    def restore(self, meta: dict[str, Any], arrays: dict[str, Array]) -> None:
        """Take back what `state` returned."""
        with torch.random.fork_rng(devices=[]):
            self.network_ = _Network(meta["width"], meta["width_ahead"], self.hidden)
        self.learned_ = meta["learned"]
        self.network_.load_state_dict(
            {name: torch.from_numpy(value.copy()) for name, value in arrays.items()}
        )


class _Network(nn.Module):
    def __init__(self, width: int, width_ahead: int, hidden: int) -> None:
        super().__init__()
        self.width, self.width_ahead = width, width_ahead
        self.encoder = nn.LSTM(width, hidden, batch_first=True)
        self.mix = nn.Linear(hidden + width_ahead, hidden)
        self.correction = nn.Linear(hidden, 1)
        nn.init.zeros_(self.correction.weight)  # starts as the mean of the last four same weekdays
        nn.init.zeros_(self.correction.bias)

    def forward(self, behind: Tensor, ahead: Tensor) -> Tensor:
        """Map windows (B, W, width) and days ahead (B, h, width_ahead) to corrections (B, h)."""
        _, (state, _) = self.encoder(behind)  # state (1, B, hidden)
        spread = state[0].unsqueeze(1).expand(-1, ahead.shape[1], -1)  # (B, h, hidden)
        mixed = torch.relu(self.mix(torch.cat([spread, ahead], dim=2)))  # (B, h, hidden)
        corrections: Tensor = self.correction(mixed).squeeze(2)
        return corrections


@dataclass(frozen=True)
class _Batch:
    """B windows: behind (B, W, width), ahead (B, h, width_ahead), the others (B, h)."""

    behind: Tensor
    ahead: Tensor
    base: Tensor
    target: Tensor
    known: Tensor


class _Windows:
    """Cuts windows out of a panel; every value before the first day is zero."""

    def __init__(self, design: Design, past: PastDesign, window: int, h: int) -> None:
        self.design, self.window, self.h = design, window, h
        n, length = design.log.shape
        self.series = n
        known = np.isfinite(design.log)
        shared = np.broadcast_to(design.seen_calendar[:length], (n, length, design.seen_calendar.shape[1]))
        flags = known[:, :, None].astype(float)
        self.behind = _floats(flags, shared, design.exog[:, :length], past.values)
        self.static = _floats(
            design.grid.static / (np.abs(design.grid.static).max(axis=0, initial=1.0) + 1e-9)
        )
        self.width = 1 + self.behind.shape[2]
        self.width_ahead = 3 + design.seen_calendar.shape[1] + design.exog.shape[2] + self.static.shape[1]

    def sample(self, rng: np.random.Generator, origins: Days, size: int) -> _Batch:
        """Draw ``size`` windows that end at some of the origins."""
        return self.batch(rng.integers(0, self.series, size), origins[rng.integers(0, len(origins), size)])

    def batch(self, rows: Days, origins: Days) -> _Batch:
        """Cut the windows of these series that end on these days."""
        level, scale = self.design.level[rows, origins][:, None], self.design.scale[rows][:, None]
        back = origins[:, None] + np.arange(1 - self.window, 1)
        inside = (back >= 0)[:, :, None]
        back = np.maximum(back, 0)
        sales = (self.design.log[rows[:, None], back] - level) / scale
        behind = (
            np.concatenate([_floats(sales[:, :, None]), self.behind[rows[:, None], back]], axis=2) * inside
        )
        days = origins[:, None] + np.arange(1, self.h + 1)
        same = days - SEASON * (-(-np.arange(1, self.h + 1) // SEASON))
        last, mean = ((v[rows[:, None], same] - level) / scale for v in self.design.same_weekday[:2])
        base = np.nan_to_num(mean)
        target = self._target(rows, days, level, scale)
        ahead = self._ahead(rows, days, last, mean)
        parts = (behind, ahead, base, target, np.isfinite(target))
        return _Batch(*(torch.from_numpy(_floats(part)) for part in parts))

    def _ahead(self, rows: Days, days: Days, last: Array, mean: Array) -> Floats:
        shape = (len(rows), self.h)
        step = np.broadcast_to(np.arange(1, self.h + 1) / self.h, shape)
        static = np.broadcast_to(self.static[rows][:, None], (*shape, self.static.shape[1]))
        facts = np.stack([step, last, mean], axis=2)
        return _floats(facts, self.design.seen_calendar[days], self.design.exog[rows[:, None], days], static)

    def _target(self, rows: Days, days: Days, level: Array, scale: Array) -> Array:
        if days.max() >= self.design.log.shape[1]:
            return np.full(days.shape, np.nan)
        return np.asarray((self.design.log[rows[:, None], days] - level) / scale)


def _floats(*parts: npt.NDArray[Any]) -> Floats:
    joined = np.concatenate(parts, axis=-1) if len(parts) > 1 else parts[0]
    return np.asarray(np.nan_to_num(joined), dtype=np.float32)


@contextmanager
def _threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
