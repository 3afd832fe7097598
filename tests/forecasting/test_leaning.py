from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from forecasting.direction_design import DirectionDesign
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Grid
from forecasting.leaning import MAX_SERIES, Leaning

H = 7


def noise(n: int = 40, days: int = 200, seed: int = 0, shared: float = 0.0) -> Grid:
    """Sales around a level: a high week is followed by a lower one."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=-(-days // H)).repeat(H)[:days] * shared
    dates = pd.date_range("2026-01-05", periods=days)
    parts = [
        pd.DataFrame(
            {"unique_id": f"P{i:03d}", "ds": dates, "y": rng.poisson(20 * np.exp(common)).astype(float)}
        )
        for i in range(n)
    ]
    return Grid.from_frame(validate_panel(pd.concat(parts), PanelSpec()), PanelSpec())


def test_a_high_week_is_expected_to_be_followed_by_a_lower_one() -> None:
    grid = noise()
    leaning = Leaning.learn(grid.until(193), H)
    design = DirectionDesign(grid, H)
    odds = leaning.of(design.features(np.array([192])))[:, 0]
    rose = design.rose(np.array([192]))[:, 0] > 0
    assert odds[rose].mean() > odds[~rose].mean() + 0.5
    assert leaning.base == pytest.approx(0.5, abs=0.05)
    assert leaning.likeness < 0.02


def test_what_all_series_do_together_counts_less() -> None:
    alone, together = Leaning.learn(noise(), H), Leaning.learn(noise(shared=0.5), H)
    assert together.likeness > 0.5
    assert np.abs(together.coef).max() < np.abs(alone.coef).max()


def test_too_little_to_learn_from_leans_nowhere() -> None:
    grid = noise(n=1, days=20)
    leaning = Leaning.learn(grid, H)
    assert leaning.coef == []
    assert leaning.of(DirectionDesign(grid, H).features(np.array([19]))).tolist() == [[0.0]]


def test_a_panel_that_never_sells_leans_nowhere() -> None:
    grid = noise(n=5)
    still = Leaning.learn(
        Grid(grid.ids, grid.start, grid.y * 0, grid.future, grid.past, grid.static, grid.spec), H
    )
    assert (still.coef, still.base) == ([], 0.0)


def test_many_series_are_learned_from_a_part_of_them() -> None:
    grid = noise(n=MAX_SERIES + 100, days=60)
    half = grid.take(np.arange(0, len(grid.ids), 2))
    assert asdict(Leaning.learn(grid, H)) == asdict(Leaning.learn(half, H))
