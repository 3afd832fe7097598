import numpy as np
import pandas as pd
import pytest

from forecasting import PanelSpec, validate_panel
from forecasting.diagnosis import DAYS, diagnose, diagnoses
from forecasting.grid import Grid

WEEK = np.array([0, 0, 0, 0, 5, 12, 9])


def weekly(days: int, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, 2, days)
    return np.maximum(40 + 0.1 * np.arange(days) + np.resize(WEEK, days) + noise, 0)


def test_the_parts_add_up_and_find_what_was_planted() -> None:
    y = weekly(140)
    found = diagnose(y)
    total = np.sum([found[name] for name in ("trend", "week", "remainder")], axis=0)
    assert np.abs(total - y).max() < 0.02
    assert found["trend"][120] - found["trend"][20] == pytest.approx(10, abs=3)
    assert np.mean(found["week"][5::7]) - np.mean(found["week"][0::7]) == pytest.approx(12, abs=2)


def test_the_tests_tell_weekdays_and_a_wandering_level() -> None:
    assert diagnose(weekly(140))["tests"]["weekday_p"] < 0.01
    wandering = 200 + np.random.default_rng(1).normal(0, 5, 140).cumsum()
    tests = diagnose(wandering)["tests"]
    assert tests["adf_p"] > 0.05
    assert tests["weekday_p"] > 0.05
    assert (tests["d"], tests["D"]) == (1, 0)


@pytest.mark.parametrize("y", [weekly(55), np.full(100, 3.0), np.array([])])
def test_what_is_short_or_constant_is_only_counted(y: np.ndarray) -> None:
    assert diagnose(y) == {"days": len(y)}


def test_every_series_gets_its_last_half_year() -> None:
    days = pd.date_range("2025-01-01", periods=400)
    long = pd.DataFrame({"unique_id": "a", "ds": days, "y": weekly(400)})
    late = pd.DataFrame({"unique_id": "b", "ds": days[-20:], "y": 1.0})
    frame = validate_panel(pd.concat([long, late]), PanelSpec())
    found = diagnoses(Grid.from_frame(frame, PanelSpec()))
    assert found["a"]["from"] == str(days[-DAYS].date())
    assert len(found["a"]["week"]) == found["a"]["days"] == DAYS
    assert found["b"] == {"from": str(days[-20].date()), "days": 20}


@pytest.mark.parametrize(
    "y",
    [
        np.tile([0.0, 3.0], 70),
        np.arange(140.0),
        np.tile([5.0, 1.0, 1.0, 1.0, 1.0, 9.0, 9.0], 20),
        np.eye(1, 140, 70)[0],
        np.full(140, 1e9) + weekly(140),
    ],
)
def test_a_series_without_chance_is_no_trouble(y: np.ndarray) -> None:
    found = diagnose(y)
    assert len(found["trend"]) == 140
    assert set(found["tests"]) == {"adf_p", "kpss_p", "weekday_p", "d", "D"}
