import json

import numpy as np
import pytest

from forecasting.backtest import run_backtest
from forecasting.checks import SPEC, sample_panel
from forecasting.frame import validate_panel
from forecasting.grid import Grid
from forecasting.scores import score, without_nan
from forecasting.seasonal_naive import SeasonalNaive


def test_scores_cover_the_reported_windows_only() -> None:
    grid = Grid.from_frame(validate_panel(sample_panel(days=120, ahead=0), SPEC), SPEC)
    backtest = run_backtest([SeasonalNaive()], grid, 7, n_windows=2)
    backtest.add_bands("SeasonalNaive", [80, 95])
    cv = backtest.to_frame()
    overall = score(backtest, "SeasonalNaive")
    assert overall["n"] == len(cv) == 42
    assert overall["mae"] == pytest.approx((cv["SeasonalNaive"] - cv["y"]).abs().mean())
    inside = cv["y"].between(cv["SeasonalNaive-lo-95"], cv["SeasonalNaive-hi-95"])
    assert overall["coverage_95"] == pytest.approx(inside.mean())
    one = cv.query("unique_id == 'b'")
    assert score(backtest, "SeasonalNaive", 1)["mae"] == pytest.approx(
        (one["SeasonalNaive"] - one["y"]).abs().mean()
    )


def test_nan_becomes_null_at_any_depth() -> None:
    content = {"a": [1.0, np.nan, {"b": float("inf")}], "c": "text", "d": None}
    assert (
        json.dumps(without_nan(content), allow_nan=False)
        == '{"a": [1.0, null, {"b": null}], "c": "text", "d": null}'
    )
