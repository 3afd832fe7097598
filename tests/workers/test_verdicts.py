import json
from types import SimpleNamespace

import numpy as np
import pandas as pd

from forecasting import PanelSpec, validate_panel
from forecasting.grid import Grid
from workers.verdicts import backtests_of, coverage_of, directions_of, plain


def grid() -> Grid:
    """Return a product that sells 4 a day and then 9, and one that always sells 2 and is never reviewed."""
    days = pd.date_range("2025-09-01", periods=98)
    level = {"7": np.where(np.arange(98) < 63, 4.0, 9.0), "8": np.full(98, 2.0)}
    said = {"7": np.where(np.arange(98) > 40, 0.5, np.nan), "8": np.full(98, np.nan)}
    panel = pd.concat(
        [pd.DataFrame({"unique_id": uid, "ds": days, "y": y, "s": said[uid]}) for uid, y in level.items()]
    )
    spec = PanelSpec(past=("s",))
    return Grid.from_frame(validate_panel(panel, spec), spec)


def forecaster(**changes: object) -> SimpleNamespace:
    cv = pd.DataFrame(
        {
            "unique_id": ["7", "7", "8"],
            "ds": pd.to_datetime(["2026-01-02", "2026-01-03", "2026-01-02"]),
            "cutoff": pd.Timestamp("2026-01-01"),
            "y": [4.0, np.nan, 2.0],
            "SeasonalNaive": [1.0, 2.0, 3.0],
            "SeasonalNaive-lo-80": 0.0,
            "SeasonalNaive-hi-80": 9.0,
            "Fengping": [3.0, 4.0, 5.0],
            "Fengping-lo-80": [2.0, 2.0, 3.0],
            "Fengping-hi-80": [5.0, 6.0, 7.0],
            "Fengping-lo-95": 0.0,
            "Fengping-hi-95": 9.0,
        }
    )
    metrics = pd.DataFrame(
        {
            "unique_id": ["7", "7", "8"],
            "model": ["Fengping", "SeasonalNaive", "Fengping"],
            "wape": [0.25, 0.5, np.nan],
        }
    )
    plain_one = {
        "cv_": cv,
        "metrics_": metrics,
        "champions_": {"7": "Regression", "8": "SeasonalNaive"},
        "days_": {"7": {"days": 90, "stockout": 2}, "8": {"days": 9, "stockout": 0}},
        "grid_": grid(),
        "mixtures_": [],
        "speakers_": SimpleNamespace(models={}),
        "lift_": {"columns": ["s"], "products": [{"unique_id": "7", "p_value": np.nan, "verdict": "none"}]},
    }
    return SimpleNamespace(**{**plain_one, **changes})


def test_each_product_gets_its_own_verdict() -> None:
    first, second = backtests_of(forecaster())
    assert (first["product_id"], first["champion"]) == (7, "Regression")
    assert first["metrics"] == {"Fengping": {"wape": 0.25}, "SeasonalNaive": {"wape": 0.5}}
    assert first["lift"] == {"unique_id": "7", "p_value": None, "verdict": "none"}
    assert first["coverage"] == {"80": 1.0, "95": 1.0}
    assert second["metrics"] == {"Fengping": {"wape": None}}
    assert second["lift"] is None
    assert (first["findings"]["changes"], second["findings"]["changes"]) == (
        [{"ds": "2025-11-03", "before": 4.0, "after": 9.0}],
        [],
    )
    assert second["coverage"] == {"80": 0.0, "95": 1.0}
    assert first["findings"]["preparation"] == {"days": 90, "stockout": 2}
    json.dumps([first, second], allow_nan=False)


def test_sentiment_of_a_product_that_nobody_reviewed_was_not_measured() -> None:
    same = {"wape_with": 0.2, "wape_without": 0.2, "ci": [0.0, 0.0], "verdict": "none"}
    rows = [{"unique_id": uid, **same} for uid in ("7", "8")]
    first, second = backtests_of(forecaster(lift_={"columns": ["s"], "products": rows}))
    assert first["lift"] == rows[0]
    assert second["lift"] is None


def test_lags_go_to_their_product() -> None:
    leads = {"column": "negative_share", "aspect": "物流", "lag": 3, "verdict": "leads"}
    first, second = backtests_of(forecaster(), {"7": [leads]})
    assert first["findings"]["lags"] == [leads]
    assert second["findings"]["lags"] == []


def test_the_curve_shows_the_service_with_bands_and_the_models_without() -> None:
    first = next(iter(backtests_of(forecaster())))
    assert first["cv"][1] == {
        "ds": "2026-01-03",
        "cutoff": "2026-01-01",
        "y": None,
        "yhat": 4.0,
        "SeasonalNaive": 2.0,
        "lo-80": 2.0,
        "hi-80": 6.0,
        "lo-95": 0.0,
        "hi-95": 9.0,
    }


def test_a_history_too_short_for_a_backtest_says_nothing() -> None:
    empty = forecaster(cv_=pd.DataFrame(), metrics_=pd.DataFrame(), lift_=None)
    first = next(iter(backtests_of(empty)))
    assert first["champion"] == "Regression"
    assert (first["metrics"], first["lift"], first["coverage"], first["cv"]) == ({}, None, {}, [])


def test_unknown_days_do_not_count_as_missed() -> None:
    cv = forecaster().cv_
    assert coverage_of(cv[cv["unique_id"] == "7"])["80"] == 1.0
    assert coverage_of(cv.assign(y=np.nan)) == {}
    assert coverage_of(None) == {}


def test_values_become_what_json_can_say() -> None:
    value = {
        "a": np.float64("inf"),
        1: [np.int64(3), (float("nan"), "x")],
        "d": pd.Timestamp("2026-11-11"),
        "n": None,
    }
    assert plain(value) == {"a": None, "1": [3, [None, "x"]], "d": "2026-11-11", "n": None}


def test_each_product_gets_its_probability_with_the_record_of_all() -> None:
    report = {"brier": 0.2, "brier_base": 0.25, "accuracy": 0.7, "n": 60.0, "auc": np.nan}
    said = forecaster(
        direction=lambda ids, scenario: pd.DataFrame({"unique_id": ids, "p_up": [0.75]}),
        direction_=SimpleNamespace(report=lambda: report | {"base_rate": 0.5, "reason": "why"}),
    )
    assert directions_of(said, ["7"]) == {
        "7": {
            **{"p_up": 0.75, "brier": 0.2, "brier_base": 0.25, "accuracy": 0.7},
            **{"base_rate": 0.5, "n": 60.0, "reason": "why"},
        }
    }


def test_without_a_backtest_the_record_is_empty() -> None:
    said = forecaster(
        direction=lambda ids, scenario: pd.DataFrame({"unique_id": ["7"], "p_up": [0.5]}),
        direction_=SimpleNamespace(report=lambda: {"base_rate": 0.5, "reason": "too short"}),
    )
    assert directions_of(said)["7"]["brier"] is None
