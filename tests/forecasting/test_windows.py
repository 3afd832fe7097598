import numpy as np
import pandas as pd
import pytest

from forecasting.checks import SPEC, sample_panel
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Grid
from forecasting.tree_design import Layout, TreeDesign
from forecasting.window_scales import Scales
from forecasting.windows import Windows

WINDOW = 14


def grid_of(panel: pd.DataFrame, spec: PanelSpec = SPEC) -> Grid:
    return Grid.from_frame(validate_panel(panel, spec), spec)


def windows(grid: Grid | None = None, h: int = 3) -> Windows:
    grid = grid or grid_of(sample_panel(days=100))
    design = TreeDesign(grid, 0, Layout.of(grid, festive=False), reach=h, codes=np.arange(len(grid.ids)))
    return Windows(design, Scales.of(design, np.random.default_rng(0)), WINDOW, h)


def test_a_window_holds_the_days_up_to_its_origin_and_those_after_it_as_target() -> None:
    cut = windows()
    batch = cut.cut(np.array([1]), np.array([60]))
    sold, level = cut.design.sold[1], cut.design.base[1, 60]
    assert batch.behind.shape == (1, WINDOW, cut.width)
    assert batch.ahead.shape == (1, 3, cut.width_ahead)
    assert batch.behind[0, :, 0].numpy() == pytest.approx(sold[47:61] / level, abs=1e-5)
    assert batch.target[0].numpy() == pytest.approx(sold[61:64] / level, abs=1e-5)
    assert batch.weight[0].numpy() == pytest.approx([level] * 3, abs=1e-5)


def test_what_is_usual_is_the_mean_of_four_same_weekdays_before_the_origin() -> None:
    cut = windows(h=9)
    batch = cut.cut(np.array([0]), np.array([60]))
    sold, level = cut.design.sold[0], cut.design.base[0, 60]
    for k in (1, 3, 9):
        last = 60 + k - 7 * (1 + (k - 1) // 7)
        expected = np.mean([sold[last - 7 * week] for week in range(4)]) / level
        assert float(batch.usual[0, k - 1]) == pytest.approx(expected, abs=1e-5)


def test_nothing_after_the_origin_but_plans_reaches_the_inputs() -> None:
    panel = sample_panel(days=100)
    changed = panel.copy()
    later = (changed["ds"] > changed["ds"].min() + pd.Timedelta(days=60)) & changed["y"].notna()
    changed.loc[later, "y"] = 3.0
    changed.loc[later, "views"] = 1.0
    cut, other = windows(grid_of(panel)), windows(grid_of(changed))
    other.scales.numbers.update(cut.scales.numbers)
    scale = cut.design.unit / other.design.unit  # the only thing that later sales change: the unit
    first, second = (which.cut(np.arange(3), np.full(3, 60)) for which in (cut, other))
    views = cut.width - 1
    assert second.behind[:, :, :views].numpy() == pytest.approx(first.behind[:, :, :views].numpy(), abs=1e-4)
    assert second.usual.numpy() == pytest.approx(first.usual.numpy(), abs=1e-4)
    assert (second.weight / first.weight).numpy()[:, 0] == pytest.approx(scale, rel=1e-4)
    assert not np.allclose(second.target, first.target)


def test_days_before_the_first_are_zero() -> None:
    cut = windows()
    early = cut.cut(np.array([0]), np.array([5]))
    assert not early.behind[0, :8].any()
    assert early.behind[0, 8:, 2].tolist() == [1.0] * 6


def test_unknown_sales_are_flagged_behind_and_weigh_nothing_ahead() -> None:
    panel = sample_panel(days=100)
    first = panel["unique_id"] == "a"
    for day in (58, 62):
        panel.loc[first & (panel["ds"] == panel["ds"].min() + pd.Timedelta(days=day)), "y"] = np.nan
    batch = windows(grid_of(panel)).cut(np.array([0]), np.array([60]))
    assert batch.behind[0, 11, :3].tolist() == [0.0, 0.0, 0.0]
    assert batch.behind[0, 10, 2] == 1.0
    assert (batch.weight[0] > 0).tolist() == [True, False, True]
    assert batch.target[0, 1] == 0.0


def test_only_series_that_have_begun_are_paired_with_an_origin() -> None:
    panel = sample_panel(days=100)
    young = (panel["unique_id"] == "b") & (panel["ds"] < panel["ds"].min() + pd.Timedelta(days=50))
    rows, origins = windows(grid_of(panel[~young])).begun(np.array([40, 60]))
    assert sorted(zip(rows.tolist(), origins.tolist(), strict=True)) == [
        *((0, 40), (0, 60), (1, 60), (2, 40), (2, 60))
    ]


def test_words_can_be_forgotten() -> None:
    panel = sample_panel(days=100)
    panel["category"] = panel["unique_id"].map({"a": "tea", "b": "tea", "c": "coffee"})
    spec = PanelSpec(future=("promo",), past=("views",), static=("category",))
    batch = windows(grid_of(panel, spec)).cut(np.arange(3), np.full(3, 60))
    assert batch.codes[:, 0].tolist() == [2, 2, 1]
    assert batch.forget(np.random.default_rng(0), 1.0).codes[:, 0].tolist() == [0, 0, 0]
    assert batch.forget(np.random.default_rng(0), 0.0).codes[:, 0].tolist() == [2, 2, 1]
