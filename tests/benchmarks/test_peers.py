from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import report
from benchmarks.forecasting import compare as module
from benchmarks.forecasting.__main__ import with_peers
from benchmarks.forecasting.compare import compare, task_of
from benchmarks.forecasting.peers import KEY, Task
from forecasting.backtest import run_backtest
from forecasting.checks import SPEC, sample_panel
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Grid
from forecasting.seasonal_naive import SeasonalNaive


def grid(panel: pd.DataFrame, spec: PanelSpec) -> Grid:
    return Grid.from_frame(validate_panel(panel, spec), spec)


def last_week(task: Task) -> pd.DataFrame:
    parts = []
    for uid, train in task.train.groupby("unique_id"):
        values = np.resize(train["y"].to_numpy()[-7:], task.h)
        days = task.ahead.loc[task.ahead["unique_id"] == uid, "ds"]
        columns = {"yhat": values, "lo-80": values - 5, "hi-80": values + 5}
        parts.append(pd.DataFrame({"unique_id": uid, "ds": days.to_numpy(), **columns}))
    return pd.concat(parts)


def test_a_peer_is_scored_as_our_own_model_would_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(module.PEERS, "naive", last_week)
    panel = sample_panel(days=100, ahead=0)
    panel["y"] += 1  # no zero is taken for an unrecorded day
    row = compare(panel, SPEC, 7, 3, "naive")
    backtest = run_backtest([SeasonalNaive()], grid(panel, SPEC), 7, 3, calibration=0)
    errors = np.abs(backtest.errors("SeasonalNaive", slice(None)))
    assert row["wape"] == pytest.approx(errors.sum() / backtest.y.sum())
    assert row["seconds"] > 0
    assert row["cpu_seconds"] >= 0
    assert 0 < row["coverage_80"] < 1


def test_a_peer_is_run_once_for_the_same_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[Task] = []
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results")
    monkeypatch.setitem(module.PEERS, "naive", lambda task: runs.append(task) or last_week(task))
    sample_panel(days=100, ahead=0).to_csv(tmp_path / "shop.csv.gz", index=False)
    options = {"horizon": "7", "windows": "2", "future": "promo"}
    first = with_peers(tmp_path / "shop.csv.gz", options, ["naive"])
    assert first == with_peers(tmp_path / "shop.csv.gz", options, ["naive"])
    assert len(runs) == 2
    with_peers(tmp_path / "shop.csv.gz", options | {"horizon": "14"}, ["naive"])
    assert len(runs) == 4


def test_a_peer_sees_nothing_after_the_cutoff_but_what_is_known_ahead() -> None:
    made = grid(sample_panel(days=100, ahead=0), SPEC)
    task = task_of(made.until(80), 8)
    assert task.train["ds"].max() == made.days()[79]
    assert list(task.ahead.columns) == [*KEY, "promo"]
    assert len(task.ahead) == 3 * 8
    assert task.train["y"].notna().all()


def test_closed_days_are_filled_before_and_zero_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Task] = []

    def watch(task: Task) -> pd.DataFrame:
        seen.append(task)
        return last_week(task)

    monkeypatch.setitem(module.PEERS, "naive", watch)
    panel = sample_panel(days=100, ahead=0)
    panel["y"] += 1
    panel["open"] = (panel["ds"].dt.day_of_week != 6).astype(float)
    panel.loc[panel["open"] == 0, "y"] = 0.0
    row = compare(panel, PanelSpec(future=("open",)), 7, 1, "naive")
    assert (seen[0].train["y"] > 0).all()
    open_days = grid(panel, PanelSpec(future=("open",))).y[:, -7:]
    assert row["n"] == open_days.size
    assert row["bias"] < 1
