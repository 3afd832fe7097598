import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from forecasting.champion import Champion
from tests.workers.test_verdicts import grid
from workers.diagnosis import diagnosis_of, kept_by_step


def forecaster(**models: Any) -> SimpleNamespace:
    mixture = Champion("smooth", np.array([0]), {"ARIMA": 1 / 3, "Trees": 2 / 3}, "smooth demand, 1 series")
    return SimpleNamespace(
        grid_=grid(), mixtures_=[mixture], speakers_=SimpleNamespace(models=models), cv_=pd.DataFrame()
    )


def test_each_product_gets_why_its_models_speak_and_what_it_is_made_of() -> None:
    found = diagnosis_of(forecaster())
    assert found["7"]["choice"] == {
        "group": "smooth",
        "series": 1,
        "weights": {"ARIMA": 0.333, "Trees": 0.667},
        "reason": "smooth demand, 1 series",
    }
    assert found["7"]["arima"] is None
    assert len(found["7"]["series"]["trend"]) == 98
    assert found["8"] == {"series": {"from": "2025-09-01", "days": 98}, "choice": None, "arima": None}


def test_an_arima_shows_only_the_products_own_table() -> None:
    table = {"7": {"aicc": {"(1,0,1)(0,1,1)": 512.346, "(2,0,1)(0,1,1)": 515.0}}}
    arima = SimpleNamespace(orders_={"7": (1, 0, 1, 0, 1, 1), "8": (1, 0, 1, 0, 1, 1)}, tables_=table)
    found = diagnosis_of(forecaster(ARIMA=arima))
    assert found["7"]["arima"] == {
        "order": [1, 0, 1, 0, 1, 1],
        "aicc": {"(1,0,1)(0,1,1)": 512.35, "(2,0,1)(0,1,1)": 515.0},
    }
    assert found["8"]["arima"] == {"order": [1, 0, 1, 0, 1, 1], "aicc": {}}


def test_days_inside_the_bands_are_counted_by_how_far_ahead_they_were() -> None:
    cutoffs = pd.to_datetime(["2026-01-01", "2026-01-03"]).repeat(2)
    cv = pd.DataFrame(
        {
            "unique_id": "7",
            "cutoff": cutoffs,
            "ds": cutoffs + pd.to_timedelta([1, 2, 1, 2], "D"),
            "y": [4.0, 20.0, 5.0, np.nan],
            "Fengping": 4.0,
            "Fengping-lo-80": 4.0,
            "Fengping-hi-80": 4.5,
            "Fengping-lo-95": 0.0,
            "Fengping-hi-95": 9.0,
        }
    )
    found = kept_by_step(cv)
    assert found == {"steps": [1, 2], "n": [2, 1], "80": [1, 0], "95": [2, 0]}
    json.dumps(found)
    assert kept_by_step(pd.DataFrame()) == {}
