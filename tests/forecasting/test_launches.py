import numpy as np
import pandas as pd
import pytest

from forecasting.frame import PanelSpec
from forecasting.grid import Grid
from forecasting.launches import WEEKS, launch_curve, launched

T = 300


def grid_of(starts: list[int], rise: np.ndarray | None = None, seed: int = 0) -> Grid:
    """Return series that begin on these days and sell ``rise`` (by week) of their level at first."""
    rng = np.random.default_rng(seed)
    y = np.full((len(starts), T), np.nan)
    for row, start in enumerate(starts):
        age = np.arange(T - start)
        share = np.ones(T - start)
        if rise is not None:
            share[: 7 * len(rise)] = np.repeat(rise, 7)[: T - start]
        y[row, start:] = rng.poisson(50 * share[age])
    ids = tuple(f"{row:03d}" for row in range(len(starts)))
    empty = np.zeros((len(starts), T, 0))
    return Grid(ids, pd.Timestamp("2025-01-06"), y, empty, empty, empty[:, 0], PanelSpec())


def test_a_launch_is_a_series_that_begins_alone_and_after_the_first_week() -> None:
    starts = [0, 3, 6, 7, 50, *[80] * 3, T, *range(100, 112)]
    found = launched(grid_of(starts))
    assert found.tolist() == [False] * 3 + [True] * 2 + [False] * 3 + [True] * 13


def test_the_curve_of_launches_is_found_and_taken_by_half() -> None:
    rise = np.array([0.3, 0.5, 0.7, 0.9, 1, 1, 1, 1])
    curve, spread = launch_curve(grid_of([0] * 60 + list(range(20, 180, 2)), rise))
    assert curve[:WEEKS] == pytest.approx(rise**0.5, abs=0.08)
    assert curve[WEEKS] == 1.0
    assert spread[WEEKS] == 0.0


def test_a_rise_of_the_whole_panel_is_no_launch_curve() -> None:
    grid = grid_of([0] * 60 + list(range(20, 180, 2)))
    grid = Grid(**{**vars(grid), "y": grid.y * np.linspace(0.3, 2.0, T)})
    curve, _ = launch_curve(grid)
    assert curve[:WEEKS] == pytest.approx(1.0, abs=0.1)


def test_few_launches_teach_little_and_none_nothing() -> None:
    rise = np.array([0.3, 0.5, 0.7, 0.9, 1, 1, 1, 1])
    assert launch_curve(grid_of([0] * 30 + [100], rise))[0][0] > 0.9
    assert launch_curve(grid_of([0] * 30))[0].tolist() == [1.0] * (WEEKS + 1)
