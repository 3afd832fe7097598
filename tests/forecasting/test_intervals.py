import numpy as np
import pandas as pd
import pytest

from forecasting.checks import SPEC, sample_panel
from forecasting.frame import validate_panel
from forecasting.grid import Array, Grid
from forecasting.intervals import band, conformal_offsets, in_sample_errors, size

LEVELS = (80, 95)


def gaussian(w: int, n: int, h: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).normal(size=(w, n, h))


@pytest.mark.parametrize("level", LEVELS)
def test_bands_cover_what_they_promise(level: int) -> None:
    errors = gaussian(6, 200, 14)
    low, high = conformal_offsets(errors, np.ones((6, 200)), np.ones(200), LEVELS)[level]
    new = gaussian(20, 200, 14, seed=1)
    inside = ((new >= low) & (new <= high)).mean()
    assert inside == pytest.approx(level / 100, abs=0.015)


def test_bands_follow_the_sign_of_the_errors() -> None:
    errors = np.abs(gaussian(6, 50, 7))
    low, high = conformal_offsets(errors, np.ones((6, 50)), np.ones(50), [80])[80]
    assert low.mean() > 0.0
    assert high.mean() == pytest.approx(1.645, abs=0.3)


def test_bands_scale_with_the_series_and_widen_with_the_horizon() -> None:
    errors = gaussian(6, 2, 14) * np.array([1.0, 3.0])[np.repeat([0, 1], 7)]
    offsets = conformal_offsets(errors, np.ones((6, 2)), np.array([1.0, 10.0]), [80])
    high = offsets[80][1]
    assert high[1, 0] > 5 * high[0, 0]
    assert high[0, 13] > 2 * high[0, 0]


def test_a_series_without_errors_borrows_those_of_the_others() -> None:
    errors = gaussian(6, 40, 7)
    errors[:, 0] = np.nan
    offsets = conformal_offsets(errors, np.ones((6, 40)), np.ones(40), [80])
    assert offsets[80][1][0, 0] == pytest.approx(1.28, abs=0.2)


def test_without_any_error_bands_close_on_the_forecast() -> None:
    offsets = conformal_offsets(np.full((1, 2, 7), np.nan), np.ones((1, 2)), np.ones(2), [80])
    assert not offsets[80][0].any()
    assert not offsets[80][1].any()


def test_bands_nest_hold_the_forecast_and_stay_above_zero() -> None:
    yhat = np.array([[1.0, 50.0]])
    offsets = {
        95: (np.full((1, 2), -3.0), np.full((1, 2), 2.0)),
        80: (np.full((1, 2), -5.0), np.full((1, 2), -1.0)),
    }
    bands = band(yhat, offsets)
    assert bands[80][0].tolist() == [[0.0, 45.0]]
    assert bands[80][1].tolist() == [[1.0, 50.0]]
    assert bands[95][0].tolist() == [[0.0, 45.0]]
    assert bands[95][1].tolist() == [[3.0, 52.0]]


def test_size_is_the_recent_mean_plus_one() -> None:
    y = np.vstack([np.arange(100.0), np.full(100, np.nan)])
    assert size(y).tolist() == [1 + np.arange(44, 100).mean(), 1.0]


def grid(days: int) -> Grid:
    return Grid.from_frame(validate_panel(sample_panel(days=days, ahead=0), SPEC), SPEC)


def test_history_gives_errors_when_there_are_no_earlier_cutoffs() -> None:
    errors, scale = in_sample_errors(grid(60), 14)
    assert errors.shape == (3, 3, 14)
    assert scale.shape == (3, 3)
    assert np.isfinite(errors).all()


def test_even_a_few_days_give_errors() -> None:
    errors, scale = in_sample_errors(grid(5), 14)
    assert errors.shape == (5, 3, 14)
    assert scale.shape == (5, 3)
    assert np.allclose(errors.mean(axis=0), 0)
    assert isinstance(grid(5).cutoff, pd.Timestamp)
