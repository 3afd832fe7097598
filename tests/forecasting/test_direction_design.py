import numpy as np
import pandas as pd
import pytest

from forecasting.checks import SPEC, sample_panel
from forecasting.direction_design import DirectionDesign, Sums
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Grid

H = 7


@pytest.fixture(scope="module")
def grid() -> Grid:
    return Grid.from_frame(validate_panel(sample_panel(days=120, ahead=H), SPEC), SPEC)


def of_one(y: np.ndarray) -> Grid:
    days = pd.date_range("2026-01-05", periods=len(y))
    return Grid.from_frame(pd.DataFrame({"unique_id": "a", "ds": days, "y": y}), PanelSpec())


def column(design: DirectionDesign, name: str, origins: list[int]) -> np.ndarray:
    return design.features(np.array(origins))[:, :, design.names.index(name)]


def test_sums_are_of_known_days_inside_the_panel() -> None:
    sums = Sums(np.array([[1.0, np.nan, 3.0, 5.0]]))
    first, stop = np.array([0, 1, -3, 1]), np.array([3, 2, 1, 9])
    assert sums.mean(first, stop)[0] == pytest.approx([2.0, np.nan, 1.0, 4.0], nan_ok=True)
    assert sums.count(first, stop).tolist() == [[2, 0, 1, 2]]


def test_what_rose_is_told_from_the_days_on_both_sides() -> None:
    y = np.r_[np.full(7, 2.0), np.full(7, 3.0), np.full(7, 3.0), np.full(7, 1.0)]
    rose = DirectionDesign(of_one(y), H).rose(np.array([6, 13, 20, 21, 5]))
    assert rose.tolist()[0][:3] == [1.0, 0.0, 0.0]
    assert np.isnan(rose[0, 3:]).all()


def test_a_horizon_that_is_mostly_unknown_is_not_judged() -> None:
    y = np.full(28, 2.0)
    y[7:11] = np.nan
    y[14:17] = np.nan
    rose = DirectionDesign(of_one(y), H).rose(np.array([6, 13, 20]))
    assert np.isnan(rose[0, :2]).all()
    assert rose[0, 2] == 0.0


def test_features_know_nothing_after_their_origin_but_what_is_known_ahead(grid: Grid) -> None:
    origins = np.array([40, 60, 80])
    before = DirectionDesign(grid, H).features(origins)
    y, past = grid.y.copy(), grid.past.copy()
    y[:, 81:], past[:, 81:] = 0.0, -1e6
    changed = DirectionDesign(Grid(grid.ids, grid.start, y, grid.future, past, grid.static, grid.spec), H)
    names = changed.names
    own = [names.index(name) for name in names if not name.startswith("past:")]
    assert np.array_equal(changed.features(origins)[:, :, own], before[:, :, own])
    now, then = (DirectionDesign(view, H, ahead=H) for view in (grid.until(81), changed.grid.until(81)))
    assert np.array_equal(now.features(origins[-1:]), then.features(origins[-1:]))


def test_a_promotion_ahead_is_seen(grid: Grid) -> None:
    design = DirectionDesign(grid, H, ahead=H)
    last = grid.length - 1
    promo = grid.future[:, :, 0]
    expected = promo[:, last + 1 : last + 1 + H].mean(axis=1) - promo[:, last + 1 - H : last + 1].mean(axis=1)
    assert column(design, "future:promo", [last])[:, 0] == pytest.approx(expected)


def test_a_peak_is_above_the_longer_levels() -> None:
    y = np.r_[np.full(60, 10.0), np.full(7, 30.0)]
    design = DirectionDesign(of_one(y), H)
    assert (column(design, "level4", [66]) > 1).all()
    assert column(design, "level4", [50])[0] == pytest.approx([0.0])


def test_only_a_broken_week_has_other_weekdays() -> None:
    y = np.tile([1.0, 1.0, 1.0, 1.0, 1.0, 10.0, 10.0], 12)
    friday = 5 + 7 * 8 - 1
    assert column(DirectionDesign(of_one(y), 2), "weekday", [friday])[0, 0] > 0
    assert column(DirectionDesign(of_one(y), 2), "weekday", [friday + 2])[0, 0] < 0
    assert column(DirectionDesign(of_one(y), 14), "weekday", [friday])[0, 0] == 0


def test_the_same_weeks_a_year_ago_are_compared() -> None:
    y = np.full(400, 10.0)
    y[371 - 364 :][:7] = 30.0
    design = DirectionDesign(of_one(y), H)
    assert column(design, "year_ago", [370])[0, 0] > 0
    assert column(design, "year_ago", [365])[0, 0] == 0
