import numpy as np
import pandas as pd
import pytest

from forecasting.exponential import ETS, MSTL, Theta, decompose, seasons
from forecasting.frame import PanelSpec
from forecasting.model import Forecaster

WEEK = np.array([10.0, 10, 10, 10, 14, 20, 18])


def weekly(days: int) -> np.ndarray:
    noise = np.random.default_rng(4).normal(0, 0.3, days)
    return np.resize(WEEK, days) + noise


@pytest.mark.parametrize("model", [ETS(), Theta(), MSTL()], ids=lambda model: model.alias)
def test_a_steady_week_goes_on(model: Forecaster) -> None:
    panel = pd.DataFrame({"unique_id": "a", "ds": pd.date_range("2026-01-05", periods=140), "y": weekly(140)})
    found = model.fit(panel, PanelSpec()).predict(7)[model.alias].to_numpy()
    assert found == pytest.approx(WEEK, abs=1.5)


def test_the_parts_of_a_series_add_up_to_it() -> None:
    y = weekly(140) + np.linspace(0, 5, 140)
    parts = decompose(y)
    assert set(parts) == {"trend", "week", "remainder"}
    assert sum(parts.values()) == pytest.approx(y)
    assert parts["trend"][-10:].mean() - parts["trend"][:10].mean() == pytest.approx(5, abs=1)


def test_a_year_is_seen_only_when_two_are_known() -> None:
    assert seasons(728) == [7]
    assert seasons(729) == [7, 364]
