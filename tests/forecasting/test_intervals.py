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


def test_size_is_the_larger_of_recent_and_yearly_mean_plus_one() -> None:
    rising, closed = np.arange(100.0), np.r_[np.full(40, 9.0), np.zeros(60)]
    y = np.vstack([rising, closed, np.full(100, np.nan)])
    assert size(y) == pytest.approx([1 + rising[44:].mean(), 1 + closed.mean(), 1.0])


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


def plain_quantile(own: Array, everyone: Array, share: float) -> float:
    """Recompute the drawn-together upper quantile of one series in plain steps."""
    ordered = sorted(own)
    rank = min(int(np.ceil(share * (len(ordered) + 1))) - 1, len(ordered) - 1)
    common = float(np.quantile(everyone, min(share * (1 + 1 / len(everyone)), 1.0)))
    weight = len(ordered) / (len(ordered) + 30)
    return weight * ordered[rank] + (1 - weight) * common


@pytest.mark.parametrize("level", [50, 80, 95])
def test_offsets_agree_with_plain_steps(level: int) -> None:
    errors, now = gaussian(3, 4, 7), np.array([1.0, 2.0, 3.0, 4.0])
    low, high = conformal_offsets(errors, np.ones((3, 4)), now, [level])[level]
    share = 1 - (1 - level / 100) / 2
    for row in range(4):
        own, everyone = errors[:, row].ravel(), errors.ravel()
        assert high[row] == pytest.approx(np.full(7, plain_quantile(own, everyone, share) * now[row]))
        assert low[row] == pytest.approx(np.full(7, -plain_quantile(-own, -everyone, share) * now[row]))


def test_unknown_errors_change_nothing() -> None:
    errors = gaussian(3, 2, 7)
    padded = np.concatenate([errors, np.full((2, 2, 7), np.nan)])
    plain = conformal_offsets(errors, np.ones((3, 2)), np.ones(2), [80])[80]
    with_gaps = conformal_offsets(padded, np.ones((5, 2)), np.ones(2), [80])[80]
    assert np.allclose(plain, with_gaps)


def test_each_week_of_the_horizon_has_its_own_width() -> None:
    errors = gaussian(6, 10, 10)
    high = conformal_offsets(errors, np.ones((6, 10)), np.ones(10), [80])[80][1]
    assert (high[:, :7] == high[:, :1]).all()
    assert (high[:, 7:] == high[:, 7:8]).all()
    assert (high[:, 0] != high[:, 7]).all()


def test_earlier_errors_are_measured_in_the_size_of_their_time() -> None:
    errors = gaussian(4, 30, 7)
    small = conformal_offsets(errors, np.ones((4, 30)), np.ones(30), [80])[80][1]
    grown = conformal_offsets(errors * 10, np.full((4, 30), 10.0), np.ones(30), [80])[80][1]
    assert grown == pytest.approx(small)


@pytest.mark.parametrize("seed", range(4))
def test_any_offsets_give_nested_bands(seed: int) -> None:
    rng = np.random.default_rng(seed)
    yhat = rng.uniform(0, 10, (5, 14))
    offsets = {level: (rng.normal(size=(5, 14)), rng.normal(size=(5, 14))) for level in (95, 50, 80)}
    bands = band(yhat, offsets)
    assert list(bands) == [50, 80, 95]
    edges = [bands[95][0], bands[80][0], bands[50][0], yhat, bands[50][1], bands[80][1], bands[95][1]]
    assert (np.diff(np.stack(edges), axis=0) >= 0).all()
    assert edges[0].min() >= 0
