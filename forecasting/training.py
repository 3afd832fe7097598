"""The loop that teaches a network from windows."""

import copy
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from forecasting.design import Days
from forecasting.network import Network, absolute, pinball
from forecasting.windows import Batch, Windows

CHECK_EVERY = 25
CHECKED = 600
FORGOTTEN = 0.1
WEIGHT_DECAY = 1e-2
STEEPEST = 1.0
Places = tuple[Days, Days]


@dataclass(frozen=True)
class Course:
    """How long and how fast to learn.

    Parameters
    ----------
    steps, batch, patience : int
        Most steps, windows of each, and checks without gain before stopping.
    rate : float
        Peak rate of AdamW, reached early and left slowly (Smith & Topin, 2019).
    """

    steps: int
    batch: int
    patience: int
    rate: float


def train(
    network: Network, windows: Windows, early: Places, late: Places, course: Course, seed: list[int]
) -> None:
    """Teach a network, and leave it as it was when it did best on later days.

    Parameters
    ----------
    network : Network
        Changed in place.
    windows : Windows
        What it learns from.
    early, late : pairs of (R,) arrays
        Series and origins to learn from, and later ones to check on.
    course : Course
        How long and how fast.
    seed : list of int
        Which windows are drawn, and in which order.
    """
    rng = np.random.default_rng(seed)
    optimiser = torch.optim.AdamW(network.parameters(), lr=course.rate, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, course.rate, total_steps=course.steps)
    checked = _draw(windows, late, CHECKED, rng)
    best, kept, waited = _error(network, checked), copy.deepcopy(network.state_dict()), 0
    for step in range(1, course.steps + 1):
        batch = _draw(windows, early, course.batch, rng).forget(rng, FORGOTTEN)
        optimiser.zero_grad()
        pinball(network(batch), batch).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), STEEPEST)
        optimiser.step()
        schedule.step()
        if step % CHECK_EVERY == 0 or step == course.steps:
            error = _error(network, checked)
            waited = 0 if error < best else waited + 1
            if error < best:
                best, kept = error, copy.deepcopy(network.state_dict())
            if waited >= course.patience:
                break
    network.load_state_dict(kept)


def _draw(windows: Windows, places: Places, size: int, rng: np.random.Generator) -> Batch:
    rows, origins = places
    drawn = rng.integers(0, len(rows), size)
    return windows.cut(rows[drawn], origins[drawn])


def _error(network: Network, checked: Batch) -> float:
    with torch.no_grad():
        return absolute(network(checked), checked)
