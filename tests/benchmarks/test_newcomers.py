from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import report
from benchmarks.forecasting import newcomers
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Grid

H = 7


def panel() -> pd.DataFrame:
    """Ten series with a week, whose level their kind tells."""
    days = pd.date_range("2026-01-05", periods=112)
    rng = np.random.default_rng(0)
    parts = []
    for number in range(10):
        level = 50.0 if number < 5 else 5.0
        sold = rng.poisson(level * (1 + 0.5 * (days.dayofweek >= 5))).astype(float)
        frame = {"unique_id": str(number), "ds": days, "y": sold, "kind": "ab"[number // 5], "open": 1}
        parts.append(pd.DataFrame(frame))
    return pd.concat(parts)


def grid() -> Grid:
    spec = PanelSpec(static=("kind",))
    return Grid.from_frame(validate_panel(panel(), spec), spec)


def test_the_table_has_a_row_for_each_forecast_and_age() -> None:
    rows = newcomers.measure(grid(), H, windows=2, ages=(0, 3))
    assert [row["days"] for row in rows] == [0] * 4 + [3] * 4
    wape = {(row["days"], row["model"]): row["wape"] for row in rows}
    assert wape[0, "SeasonalNaive"] == wape[0, "Mean"] == 1.0
    assert wape[0, "Analogues"] < 0.7 * wape[0, "Analogues, no static columns"]
    assert wape[3, "Analogues"] < wape[3, "SeasonalNaive"]
    assert rows[0]["bias"] == -1.0


def test_the_command_writes_what_it_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    monkeypatch.setattr(report, "write", lambda *content: found.append(content))
    path = tmp_path / "mine.csv"
    panel().to_csv(path, index=False)
    words = ["--panel", str(path), "--horizon", "7", "--windows", "1", "--static", "kind", "--future", ""]
    assert newcomers.main(words) == 0
    [(name, rows, about)] = found
    assert (name, about) == ("newcomers", {"data": "mine.csv", "horizon": 7})
    assert len(rows) == len(newcomers.AGES) * len(newcomers.FORECASTS)
