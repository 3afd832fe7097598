import numpy as np
import pytest

from forecasting.metrics import covered, evaluate, naive_scales


def test_every_measure_by_hand() -> None:
    y = np.array([[[10.0, 20.0]]])
    yhat = np.array([[[12.0, 16.0]]])
    bands = {80: (np.array([[[9.0, 17.0]]]), np.array([[[13.0, 19.0]]]))}
    scores = evaluate(y, yhat, np.array([[2.0]]), np.array([[5.0]]), bands)
    assert scores == pytest.approx(
        {
            "wape": 6 / 30,
            "mase": 3 / 2,
            "rmsse": np.sqrt(10 / 5),
            "mae": 3.0,
            "rmse": np.sqrt(10),
            "mse": 10.0,
            "r2": 1 - 20 / 50,
            "bias": -2 / 30,
            "n": 2,
            "coverage_80": 0.5,
            "width_80": 3.0,
        }
    )


def test_unknown_days_are_left_out() -> None:
    y = np.array([[[10.0, np.nan], [np.nan, np.nan]]])
    yhat = np.array([[[11.0, 99.0], [5.0, 5.0]]])
    scores = evaluate(y, yhat, np.ones((1, 2)), np.ones((1, 2)))
    assert (scores["n"], scores["mae"], scores["mase"]) == (1, 1.0, 1.0)


def test_nothing_known_gives_nothing() -> None:
    assert evaluate(np.full((1, 1, 2), np.nan), np.ones((1, 1, 2)), np.ones((1, 1)), np.ones((1, 1))) == {}


def test_what_is_undefined_is_nan_not_infinite() -> None:
    scores = evaluate(
        np.zeros((1, 1, 3)), np.ones((1, 1, 3)), np.full((1, 1), np.nan), np.full((1, 1), np.nan)
    )
    assert all(np.isnan(scores[name]) for name in ("wape", "bias", "r2", "mase", "rmsse"))
    assert scores["mae"] == 1.0


def test_mase_averages_series_and_windows_alike() -> None:
    y, yhat = np.zeros((2, 2, 1)), np.array([[[1.0], [2.0]], [[3.0], [4.0]]])
    mae = np.array([[1.0, 2.0], [1.0, 2.0]])
    assert evaluate(y, yhat, mae, mae)["mase"] == pytest.approx((1 + 1 + 3 + 2) / 4)


def test_naive_scales_compare_same_weekdays() -> None:
    y = np.vstack([np.arange(21.0), np.full(21, 4.0), np.full(21, np.nan)])
    mae, mse = naive_scales(y)
    assert (mae[0], mse[0]) == (7.0, 49.0)
    assert np.isnan(mae[1:]).all()
    assert np.isnan(mse[1:]).all()


def test_edges_count_as_covered() -> None:
    y = np.array([1.0, 2.0, 3.0])
    assert covered(y, np.full(3, 1.0), np.full(3, 2.0)).tolist() == [1.0, 1.0, 0.0]
