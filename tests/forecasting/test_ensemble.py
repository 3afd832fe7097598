import numpy as np
import pytest

from forecasting.ensemble import ensemble_weights, mix
from forecasting.grid import Array


def noise(scale: float, seed: int, series: int = 200) -> Array:
    return scale * np.random.default_rng(seed).normal(size=(4, series, 7))


def test_equally_good_models_share_equally() -> None:
    weights = ensemble_weights({"A": noise(1, 0), "B": noise(1, 1)})
    assert weights["A"] == pytest.approx(0.5, abs=0.03)


def test_the_better_model_weighs_more_as_its_variance_says() -> None:
    weights = ensemble_weights({"A": noise(1, 0), "B": noise(2, 1)})
    assert weights["A"] == pytest.approx(0.8, abs=0.04)


def test_a_model_that_adds_nothing_is_dropped() -> None:
    good = noise(1, 0)
    assert ensemble_weights({"A": good, "B": good + noise(3, 1)}) == {"A": 1.0}


def test_little_evidence_means_nearly_equal_weights() -> None:
    few = ensemble_weights({"A": noise(1, 0, series=2), "B": noise(3, 1, series=2)})
    assert 0.5 < few["A"] < 0.65
    assert sum(few.values()) == pytest.approx(1.0)


def test_a_few_series_follow_the_panel_and_many_follow_themselves() -> None:
    panel = {"A": 0.1, "B": 0.8, "Elsewhere": 0.1}
    few = ensemble_weights({"A": noise(1, 0, series=10), "B": noise(2, 1, series=10)}, panel)
    many = ensemble_weights({"A": noise(1, 0, series=2000), "B": noise(2, 1, series=2000)}, panel)
    assert few["A"] == pytest.approx((40 * 0.8 + 600 / 9) / 640, abs=0.02)
    assert many["A"] > 0.7
    alone = {"C": noise(1, 0), "D": noise(1, 1)}
    assert ensemble_weights(alone, panel) == ensemble_weights(alone)


def test_unknown_errors_are_left_out_and_none_at_all_means_equal() -> None:
    first, second = noise(1, 0), noise(2, 1)
    gaps = first.copy()
    gaps[:, ::2] = np.nan
    assert ensemble_weights({"A": gaps, "B": second})["A"] > 0.7
    nothing = np.full((1, 2, 3), np.nan)
    assert ensemble_weights({"A": nothing, "B": nothing}) == {"A": 0.5, "B": 0.5}


def test_the_mixture_is_the_weighted_sum() -> None:
    forecasts = {"A": np.ones((2, 3)), "B": np.full((2, 3), 3.0)}
    assert np.array_equal(mix(forecasts, {"A": 0.25, "B": 0.75}), np.full((2, 3), 2.5))
