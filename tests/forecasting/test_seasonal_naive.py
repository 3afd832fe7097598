import numpy as np
import pandas as pd
import pytest

from forecasting.frame import PanelSpec
from forecasting.model import NotFittedError
from forecasting.seasonal_naive import SeasonalNaive


def panel(y: list[float], start: str = "2026-03-02", uid: str = "a") -> pd.DataFrame:
    return pd.DataFrame({"unique_id": uid, "ds": pd.date_range(start, periods=len(y)), "y": y})


def forecast(y: list[float], h: int) -> list[float]:
    return SeasonalNaive().fit(panel(y), PanelSpec()).predict(h)["SeasonalNaive"].tolist()


def test_it_repeats_the_last_week() -> None:
    assert forecast([float(i) for i in range(17)], 9) == [10, 11, 12, 13, 14, 15, 16, 10, 11]


def test_an_unknown_day_takes_the_same_weekday_before() -> None:
    y = [float(i) for i in range(1, 22)]
    y[-1] = np.nan
    frame = pd.concat([panel(y), panel([1.0] * 21, uid="b")])
    model = SeasonalNaive().fit(frame, PanelSpec())
    assert model.predict(7).query("unique_id == 'a'")["SeasonalNaive"].tolist() == [
        15,
        16,
        17,
        18,
        19,
        20,
        14,
    ]


def test_less_than_a_week_falls_back_to_the_mean() -> None:
    assert forecast([2.0, 4.0], 7) == [3.0, 3.0, 3.0, 3.0, 3.0, 2.0, 4.0]


def test_a_series_without_any_known_day_gets_zero() -> None:
    unknown = panel([np.nan] * 9, uid="b")
    frame = pd.concat([panel([5.0] * 9), unknown])
    model = SeasonalNaive().fit(frame, PanelSpec())
    assert model.predict(3).query("unique_id == 'b'")["SeasonalNaive"].tolist() == [0.0, 0.0, 0.0]


def test_days_continue_where_the_panel_ends() -> None:
    predicted = SeasonalNaive(alias="Naive").fit(panel([1.0] * 9), PanelSpec()).predict(2)
    assert predicted["ds"].tolist() == list(pd.to_datetime(["2026-03-11", "2026-03-12"]))
    assert list(predicted.columns) == ["unique_id", "ds", "Naive"]


def test_a_horizon_below_one_and_an_unfitted_model_are_refused() -> None:
    with pytest.raises(NotFittedError, match="SeasonalNaive"):
        SeasonalNaive().predict(3)
    with pytest.raises(ValueError, match="at least 1"):
        SeasonalNaive().fit(panel([1.0] * 9), PanelSpec()).predict(0)
