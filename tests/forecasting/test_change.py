import numpy as np
import pandas as pd
import pytest

from forecasting.change import change_points, noise, segments, weekly_levels
from forecasting.frame import PanelSpec
from forecasting.grid import Array, Grid

WEEK = np.array([0.8, 0.8, 0.8, 0.9, 1.1, 1.4, 1.2])
START = pd.Timestamp("2025-01-06")
DAYS = 364


def grid_of(y: Array) -> Grid:
    empty = np.zeros((*y.shape, 0))
    ids = tuple(f"{row:04d}" for row in range(len(y)))
    return Grid(ids, START, y, empty, empty, empty[:, 0], PanelSpec())


def sold(kind: str, n: int, factor: float = 1.0, at: int = 200) -> Array:
    """Return sales with a week and one shift by a factor; of noise like counts, factors or lasting moods."""
    rng = np.random.default_rng(0)
    mean = 50 * WEEK[np.arange(DAYS) % 7] * np.where(np.arange(DAYS) >= at, factor, 1.0)
    if kind == "counts":
        return rng.poisson(mean, (n, DAYS)).astype(float)
    mood = rng.normal(size=(n, DAYS))
    if kind == "moods":
        for day in range(1, DAYS):
            mood[:, day] = 0.5 * mood[:, day - 1] + np.sqrt(0.75) * mood[:, day]
    return np.round(mean * np.exp(0.3 * mood))


@pytest.mark.parametrize("kind", ["counts", "factors", "moods"])
def test_on_stationary_noise_at_most_one_series_in_twenty_seems_to_change(kind: str) -> None:
    found = change_points(grid_of(sold(kind, 400)))
    assert np.mean([len(changes) > 0 for changes in found.values()]) <= 0.05


@pytest.mark.parametrize(("kind", "least"), [("counts", 0.99), ("factors", 0.99), ("moods", 0.95)])
def test_a_rise_by_half_is_found_with_its_day_and_size(kind: str, least: float) -> None:
    found = change_points(grid_of(sold(kind, 100, factor=1.5)))
    firsts = [changes[0] for changes in found.values() if changes]
    assert len(firsts) >= least * 100
    late = [abs((change.ds - START).days - 200) for change in firsts]
    assert np.median(late) <= 5
    assert np.median([change.after / change.before for change in firsts]) == pytest.approx(1.5, rel=0.05)


def test_two_changes_are_told_in_order_and_as_json() -> None:
    y = sold("counts", 1, factor=2.0, at=150)
    y[:, 250:] = np.round(y[:, 250:] / 4)
    [changes] = change_points(grid_of(y)).values()
    assert [(change.ds - START).days for change in changes] == pytest.approx([150, 250], abs=2)
    first = changes[0].to_json()
    assert first["ds"] == str(changes[0].ds.date())
    assert first["after"] > 1.8 * first["before"]


@pytest.mark.parametrize("known", [0, 1, 3, 20, 60])
def test_short_and_empty_series_have_no_changes(known: int) -> None:
    y = sold("counts", 2)
    y[0, : DAYS - known] = np.nan
    assert change_points(grid_of(y)) == {"0000": [], "0001": []}


def test_zeros_do_not_change_and_the_end_of_a_product_does() -> None:
    y = sold("counts", 2)
    y[0] = 0.0
    y[1, 300:] = 0.0
    none, end = change_points(grid_of(y)).values()
    assert none == []
    assert [(change.ds - START).days for change in end] == [300]
    assert end[0].after == 0.0


def test_unknown_days_move_no_level() -> None:
    y = sold("counts", 50)
    y[:, 100:103] = np.nan
    y[:, 180:200] = np.nan
    assert sum(len(changes) for changes in change_points(grid_of(y)).values()) <= 2


def test_splits_are_those_of_the_least_cost() -> None:
    values = np.array([[0.0] * 5 + [1.0] * 5 + [0.0] * 2])
    weight = np.ones_like(values)
    # The last two are too short for a segment of their own; with one more it is cheaper to give them one.
    assert segments(values, weight, np.array([0.5])) == [[5, 9]]
    assert segments(values, weight, np.array([5.0])) == [[]]


def test_weeks_end_on_the_last_day_and_noise_has_a_floor() -> None:
    y = np.tile(np.arange(1.0, 17.0), (1, 1))
    weeks, weight = weekly_levels(y)
    assert np.expm1(weeks).tolist() == [pytest.approx([6.0, 13.0])]
    assert weight.tolist() == [[1.0, 1.0]]
    assert noise(np.full((1, 10), np.log1p(50.0)), np.ones((1, 10)))[0] == pytest.approx(50 / 7 / 51**2)
