import numpy as np
import pandas as pd
import pytest

from forecasting.frame import PanelSpec
from forecasting.intermittent import ADIDA, TSB, CrostonSBA
from forecasting.model import Forecaster

H = 14


def forecast(model: Forecaster, y: np.ndarray) -> np.ndarray:
    panel = pd.DataFrame({"unique_id": "a", "ds": pd.date_range("2026-01-05", periods=len(y)), "y": y})
    return model.fit(panel, PanelSpec()).predict(H)[model.alias].to_numpy()


def rare(days: int = 200, every: int = 5, units: float = 10.0) -> np.ndarray:
    return np.where(np.arange(days) % every == every - 1, units, 0.0)


@pytest.mark.parametrize("model", [CrostonSBA(), TSB(), ADIDA()], ids=lambda model: model.alias)
def test_the_mean_of_rare_sales_is_forecast_flat(model: Forecaster) -> None:
    found = forecast(model, rare())
    assert np.ptp(found) == pytest.approx(0.0)
    assert found[0] == pytest.approx(2.0, rel=0.25)


def test_only_tsb_fades_when_nobody_buys_any_more() -> None:
    dead = np.concatenate([rare(140), np.zeros(60)])
    assert forecast(TSB(), dead)[0] < 0.2 * forecast(CrostonSBA(), dead)[0]
