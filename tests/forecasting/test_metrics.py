import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score

from forecasting.metrics import covered, evaluate, evaluate_probability, naive_scales


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


def plain(y: np.ndarray, yhat: np.ndarray, history: np.ndarray) -> dict[str, float]:
    """Measure one series and window in plain loops."""
    steps = [history[day] - history[day - 7] for day in range(7, len(history))]
    mae = sum(abs(step) for step in steps) / len(steps)
    mse = sum(step**2 for step in steps) / len(steps)
    errors = [guess - actual for actual, guess in zip(y, yhat, strict=True)]
    return {
        "wape": sum(abs(e) for e in errors) / sum(y),
        "mase": sum(abs(e) for e in errors) / len(errors) / mae,
        "rmsse": (sum(e**2 for e in errors) / len(errors) / mse) ** 0.5,
        "bias": sum(errors) / sum(y),
    }


@pytest.mark.parametrize("seed", range(5))
def test_measures_agree_with_plain_loops_and_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    history, y = rng.poisson(20, 60).astype(float), rng.poisson(20, 14).astype(float)
    yhat = y + rng.normal(size=14)
    mae, mse = naive_scales(history[None])
    scores = evaluate(y[None, None], yhat[None, None], mae[None], mse[None])
    for name, value in plain(y, yhat, history).items():
        assert scores[name] == pytest.approx(value)
    assert scores["mae"] == pytest.approx(mean_absolute_error(y, yhat))
    assert scores["mse"] == pytest.approx(mean_squared_error(y, yhat))
    assert scores["r2"] == pytest.approx(r2_score(y, yhat))
    assert scores["rmse"] == pytest.approx(mean_squared_error(y, yhat) ** 0.5)


def test_a_perfect_forecast_scores_perfectly() -> None:
    y = np.arange(1.0, 15.0)[None, None]
    bands = {80: (y - 1, y + 1)}
    scores = evaluate(y, y, np.ones((1, 1)), np.ones((1, 1)), bands)
    assert (scores["wape"], scores["mase"], scores["rmsse"], scores["bias"]) == (0, 0, 0, 0)
    assert (scores["r2"], scores["coverage_80"], scores["width_80"]) == (1, 1, 2)


def test_bias_keeps_its_sign() -> None:
    y = np.full((1, 1, 4), 10.0)
    for shift in (-2.0, 3.0):
        scores = evaluate(y, y + shift, np.ones((1, 1)), np.ones((1, 1)))
        assert scores["bias"] == pytest.approx(shift / 10)


def test_series_without_a_scale_do_not_spoil_the_mean() -> None:
    y, yhat = np.zeros((1, 2, 3)), np.ones((1, 2, 3))
    mae = np.array([[np.nan, 2.0]])
    assert evaluate(y, yhat, mae, mae)["mase"] == pytest.approx(0.5)


def test_forecasts_that_are_missing_are_left_out_too() -> None:
    y, yhat = np.ones((1, 1, 3)), np.array([[[1.0, np.nan, 3.0]]])
    scores = evaluate(y, yhat, np.ones((1, 1)), np.ones((1, 1)))
    assert (scores["n"], scores["mae"]) == (2, 1.0)


def test_probabilities_are_measured_beside_the_base_rate() -> None:
    said = np.array([0.9, 0.6, 0.2, 0.4, np.nan])
    scores = evaluate_probability(said, np.full(5, 0.5), np.array([1.0, 0.0, 0.0, 1.0, 1.0]))
    assert scores["n"] == 4
    assert scores["brier"] == pytest.approx((0.01 + 0.36 + 0.04 + 0.36) / 4)
    assert scores["brier_base"] == 0.25
    assert (scores["accuracy"], scores["accuracy_base"]) == (0.5, 0.5)
    assert (scores["precision"], scores["recall"], scores["f1"]) == (0.5, 0.5, 0.5)
    assert scores["auc"] == 0.75
    assert scores["calibration_error"] == pytest.approx((0.1 + 0.6 + 0.2 + 0.6) / 4)


def test_one_sided_outcomes_leave_some_measures_undefined() -> None:
    never = evaluate_probability(np.array([0.2, 0.3]), np.full(2, 0.4), np.zeros(2))
    assert np.isnan(never["auc"])
    assert (never["precision"], never["recall"], never["f1"]) == (0.0, 0.0, 0.0)
    assert evaluate_probability(np.zeros(1), np.zeros(1), np.array([np.nan])) == {}
