import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import report
from benchmarks.forecasting import lift
from benchmarks.forecasting.lift import Truth, found, simulate


def test_a_planted_effect_has_the_size_it_says() -> None:
    planted, plain = (simulate(Truth("ar 0.8", effect, 5), 60, seed=1) for effect in (0.5, 0.0))
    assert planted["sentiment"].equals(plain["sentiment"])
    same = planted.groupby("unique_id")["sentiment"].shift(5)
    logs = [np.log1p(panel["y"]).groupby(panel["unique_id"]).diff(7) for panel in (planted, plain)]
    change = same.groupby(planted["unique_id"]).diff(7)
    assert logs[0].corr(change) > 0.5
    assert abs(logs[1].corr(change)) < 0.03


@pytest.mark.parametrize("truth", lift.TRUTHS)
def test_every_truth_makes_a_panel(truth: Truth) -> None:
    panel = simulate(truth, 2, days=120)
    assert list(panel.columns) == ["unique_id", "ds", "y", "promo", "sentiment"]
    assert len(panel) == 240
    assert panel["y"].ge(0).all()
    pd.testing.assert_frame_equal(panel, simulate(truth, 2, days=120))


def test_a_strong_effect_is_found_and_noise_is_not() -> None:
    assert found(Truth("ar 0.8", 0.4, 5), 12, days=250)["helps"] >= 0.8
    noise = found(Truth("ar 0.9"), 25, days=200)
    assert noise["helps"] + noise["harms"] <= 0.05


@pytest.mark.parametrize("units", [0.05, 0.3])
def test_products_that_hardly_sell_are_not_judged_by_chance(units: float) -> None:
    noise = found(Truth("reviews", rare=units), 200)
    assert noise["helps"] + noise["harms"] <= 0.01
    assert noise["p below 0.05"] <= 0.05


def test_the_table_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    monkeypatch.setattr(lift, "TRUTHS", (Truth("tomorrow's sales"),))
    assert lift.main(["--products", "2", "--many", "2"]) == 0
    rows = json.loads((tmp_path / "lift.json").read_text())["rows"]
    assert [row["column"] for row in rows] == ["tomorrow's sales", "white"]
    assert rows[0]["median change of WAPE"] == 0.0
