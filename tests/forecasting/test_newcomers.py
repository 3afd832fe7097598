import numpy as np
import pytest

from forecasting.checks import SPEC, sample_panel
from forecasting.frame import validate_panel
from forecasting.grid import Grid
from forecasting.newcomers import pretend, trial

H = 7


def grid(days: int, copies: int) -> Grid:
    panel = validate_panel(sample_panel(days, ahead=0), SPEC)
    return Grid.from_frame(panel, SPEC).take(np.arange(3).repeat(copies))


@pytest.mark.parametrize(("window", "days"), [(0, 3), (1, 7)])
def test_every_second_series_is_cut_and_nothing_after_the_cutoff_is_left(window: int, days: int) -> None:
    whole = grid(100, 4)
    view, young = pretend(whole, H, days, window)
    assert view.length == 100 - (window + 1) * H
    assert len(young) == 6
    assert set(view.observed[young]) == {days}
    assert set(np.delete(view.observed, young)) == {view.length}
    assert np.isfinite(whole.y).all()


def test_a_trial_gives_errors_of_both_on_the_same_days() -> None:
    found = trial(grid(100, 4), H)
    assert set(found) == {"SeasonalNaive", "Analogues"}
    naive, analogues = found.values()
    assert naive.shape == analogues.shape == (12, 1, H)
    assert np.array_equal(np.isfinite(naive), np.isfinite(analogues))
    assert np.nanmean(np.abs(analogues)) < np.nanmean(np.abs(naive))


@pytest.mark.parametrize(("days", "copies"), [(60, 4), (100, 1)])
def test_without_enough_old_series_nothing_is_tried(days: int, copies: int) -> None:
    assert trial(grid(days, copies), H) == {}
