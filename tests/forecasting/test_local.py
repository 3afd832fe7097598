import numpy as np
import pandas as pd
import pytest

from forecasting.checks import SPEC, sample_panel
from forecasting.exponential import ETS, MSTL, Theta, decompose
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Grid
from forecasting.intermittent import ADIDA, TSB, CrostonSBA
from forecasting.local import LocalForecaster, independent, recent


@pytest.mark.parametrize("model", [ETS, Theta, MSTL])
def test_a_weekly_pattern_is_carried_on(model: type[LocalForecaster]) -> None:
    week = np.array([10.0, 10, 10, 10, 20, 40, 30])
    days = pd.date_range("2026-01-05", periods=140)
    noise = np.random.default_rng(0).normal(size=140)
    panel = pd.DataFrame({"unique_id": "a", "ds": days, "y": np.tile(week, 20) + noise})
    forecast = model().fit(panel, PanelSpec()).predict(7)[model.__name__]
    assert forecast.to_numpy() == pytest.approx(week, abs=2.0)


@pytest.mark.parametrize("model", [CrostonSBA, TSB, ADIDA])
def test_rare_sales_are_forecast_by_their_mean(model: type[LocalForecaster]) -> None:
    rng = np.random.default_rng(0)
    days = pd.date_range("2025-01-05", periods=400)
    panel = pd.DataFrame({"unique_id": "a", "ds": days, "y": 5.0 * (rng.random(400) < 0.2)})
    forecast = model().fit(panel, PanelSpec()).predict(7)[model.__name__]
    assert forecast.nunique() == 1
    assert forecast.iloc[0] == pytest.approx(1.0, abs=0.45)


def test_only_tsb_forgets_a_product_that_sells_no_more() -> None:
    days = pd.date_range("2025-01-05", periods=300)
    y = np.where(np.arange(300) % 3 == 0, 6.0, 0.0)
    y[200:] = 0.0
    panel = pd.DataFrame({"unique_id": "a", "ds": days, "y": y})
    gone, kept = (m().fit(panel, PanelSpec()).predict(1).iloc[0, 2] for m in (TSB, CrostonSBA))
    assert gone < 0.05 < 1.0 < kept


def test_a_constant_series_stays_what_it_is() -> None:
    panel = pd.DataFrame({"unique_id": "a", "ds": pd.date_range("2026-01-05", periods=60), "y": 4.0})
    assert ETS().fit(panel, PanelSpec()).predict(7)["ETS"].eq(4.0).all()


def test_a_decomposition_adds_up() -> None:
    y = np.tile([1.0, 2, 3, 4, 5, 6, 9], 20) + np.linspace(0, 30, 140)
    parts = decompose(y)
    assert set(parts) == {"trend", "week", "remainder"}
    assert sum(parts.values()) == pytest.approx(y)
    assert np.diff(parts["trend"]).mean() == pytest.approx(30 / 139, rel=0.05)


def test_history_begins_with_the_first_known_day() -> None:
    made = Grid.from_frame(validate_panel(sample_panel(days=60), SPEC), SPEC)
    made.y[1, :25] = np.nan
    assert [len(y) for y in recent(made, 50)] == [50, 35, 50]


def test_regressors_that_repeat_each_other_are_dropped() -> None:
    x = np.random.default_rng(0).normal(size=(50, 2))
    doubled = np.column_stack([np.ones(50), x[:, 0], 2 * x[:, 0], x[:, 1], x[:, 0] - x[:, 1]])
    assert independent(doubled) == [1, 3]
    assert independent(np.zeros((50, 2))) == []
