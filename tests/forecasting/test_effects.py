import numpy as np
import pandas as pd
import pytest

from forecasting.effects import effect_of, learn_effects
from forecasting.frame import PanelSpec
from forecasting.grid import Grid

N, T = 20, 112
RNG = np.random.default_rng(0)


def grid_with(**columns: np.ndarray) -> Grid:
    future = np.stack(list(columns.values()), axis=2)
    ids = tuple(f"{row:03d}" for row in range(N))
    empty = np.zeros((N, T, 0))
    spec = PanelSpec(future=tuple(columns))
    return Grid(ids, pd.Timestamp("2026-01-05"), np.ones((N, T)), future, empty, empty[:, 0], spec)


def test_the_factor_of_each_value_is_found() -> None:
    promo = (RNG.random((N, T)) < 0.25).astype(float)
    share = (1 + 0.8 * promo) * np.exp(0.1 * RNG.normal(size=(N, T)))
    share[0, :5] = np.nan
    rows = np.arange(N)
    effects, usual = learn_effects(grid_with(promo=promo), rows, share, np.ones((N, T)))
    assert effects["promo"][1.0] / effects["promo"][0.0] == pytest.approx(1.8, rel=0.05)
    assert np.mean(usual) == pytest.approx(1.0, abs=0.02)


def test_two_columns_share_what_they_do_together() -> None:
    promo = (RNG.random((N, T)) < 0.25).astype(float)
    share = 1 + promo
    grid = grid_with(promo=promo, again=promo)
    effects, _ = learn_effects(grid, np.arange(N), share, np.ones((N, T)))
    assert effects["again"][1.0] == pytest.approx(1.0, abs=0.1)


def test_columns_of_one_value_or_of_many_have_no_factors() -> None:
    grid = grid_with(open=np.ones((N, T)), price=RNG.uniform(1, 9, (N, T)))
    usual = np.ones((N, T))
    effects, same = learn_effects(grid, np.arange(N), usual, usual)
    assert effects == {}
    assert same is usual


def test_a_value_never_seen_changes_nothing() -> None:
    assert effect_of({1.0: 2.0}, np.array([0.0, 1.0, np.nan])).tolist() == [1.0, 2.0, 1.0]
