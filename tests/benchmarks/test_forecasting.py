import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from benchmarks import report
from benchmarks.forecasting import __main__ as command
from forecasting.__main__ import main as forecast

MOMENTS = ("01 00:00:01", "01 12:00:00", "01 23:59:59", "02 10:00:00", "02 11:00:00")
MODELS = {
    "SeasonalNaive": {"wape": 0.31, "mase": 1.0, "rmsse": 1.1, "bias": 0.02, "secret": 5},
    "Ridge": {"wape": 0.22, "mase": 0.8, "rmsse": 0.9, "bias": -0.01, "coverage_80": 0.79, "width_80": 12.0},
    "ARIMA": {"wape": 0.27, "mase": 0.9, "rmsse": 1.0, "bias": 0.0},
}


def shop() -> SimpleNamespace:
    """Two days of two products; the first has three reviews on its first day."""
    sales = pd.DataFrame(
        {
            "product_id": ["a", "a", "b", "b"],
            "date": pd.to_datetime(["2026-01-01", "2026-01-02"] * 2).date,
            "units": [5, 6, 7, 8],
            "promo": [0, 1, 0, 0],
            "price": 9.0,
        }
    )
    reviews = pd.DataFrame(
        {
            "product_id": ["a", "a", "a", "a", "b"],
            "created_at": [f"2026-01-{moment}" for moment in MOMENTS],
            "rating": [1, 5, 2, 3, 2],
        }
    )
    return SimpleNamespace(sales=sales, reviews=reviews)


@pytest.fixture
def small_shop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command.demo, "generate", lambda seed: shop())


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Record the command lines; each leaves the report that a backtest would."""
    found: list[list[str]] = []

    def run(line: list[str], *, check: bool) -> None:
        assert check
        found.append(line)
        folder = Path(line[line.index("-o") + 1])
        content = {"models": MODELS, "seconds": 1.5}
        (folder / "report.json").write_text(json.dumps(content), encoding="utf-8")

    monkeypatch.setattr(subprocess, "run", run)
    return found


@pytest.mark.usefixtures("small_shop")
def test_the_panel_of_the_demo_has_a_row_a_day_with_the_share_of_bad_reviews() -> None:
    panel = command.demo_panel()
    assert list(panel.columns) == ["unique_id", "ds", "y", "promo", "negative"]
    assert panel["ds"].tolist() == ["2026-01-01", "2026-01-02"] * 2
    assert panel["y"].tolist() == [5, 6, 7, 8]
    assert panel["negative"].tolist() == pytest.approx([2 / 3, 0.0, 0.0, 1.0])


def test_the_backtest_is_the_command_of_the_users(tmp_path: Path, commands: list[list[str]]) -> None:
    options = {"horizon": "7", "windows": "2", "future": "promo", "past": ""}
    content = command.backtest(tmp_path / "panel.csv", options, tmp_path)
    assert content["seconds"] == 1.5
    (line,) = commands
    assert line[:4] == [sys.executable, "-m", "forecasting", "backtest"]
    assert line[4] == str(tmp_path / "panel.csv")
    assert line[5:11] == ["--horizon", "7", "--windows", "2", "--future", "promo"]
    assert "--past" not in line
    assert line[line.index("--level") + 1 :][:2] == ["80", "95"]


def test_the_forecasting_command_knows_every_option(
    tmp_path: Path, commands: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    options = {"horizon": "7", "windows": "2", "future": "promo", "past": "negative"}
    command.backtest(tmp_path / "missing.csv", options, tmp_path)
    assert forecast(commands[0][3:]) == 2
    told = capsys.readouterr().err
    assert "missing.csv" in told
    assert "unrecognized" not in told


def test_a_failed_backtest_stops_the_benchmark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(line: list[str], *, check: bool) -> None:
        raise subprocess.CalledProcessError(2, line)

    monkeypatch.setattr(subprocess, "run", fail)
    with pytest.raises(subprocess.CalledProcessError):
        command.backtest(tmp_path / "panel.csv", {}, tmp_path)


def test_costs_stand_beside_the_service_and_what_is_missing_stays_missing() -> None:
    models = MODELS | {"Fengping": MODELS["Ridge"]}
    rows = command.rows_of({"models": models, "seconds": 1.5, "cpu_seconds": 2.5})
    assert [row["model"] for row in rows] == ["SeasonalNaive", "Ridge", "ARIMA", "Fengping"]
    assert all(tuple(row) == ("model", *command.METRICS, *command.COSTS) for row in rows)
    assert [row["cpu_seconds"] for row in rows] == [None, None, None, 2.5]
    assert rows[1]["coverage_80"] == 0.79
    assert rows[2]["coverage_80"] is None


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[dict[str, object]], dict[str, object]]]:
    found: list[tuple[str, list[dict[str, object]], dict[str, object]]] = []
    monkeypatch.setattr(report, "write", lambda *content: found.append(content))
    return found


@pytest.mark.usefixtures("small_shop")
def test_without_a_panel_the_demo_is_measured_with_its_promotions_and_reviews(
    commands: list[list[str]],
    written: list[tuple[str, list[dict[str, object]], dict[str, object]]],
) -> None:
    assert command.main([]) == 0
    ((name, rows, about),) = written
    assert (name, rows[0]["model"]) == ("forecasting-demo", "Ridge")
    assert (about["data"], about["seconds"]) == ("demo.csv", 1.5)
    assert about["options"] == {"horizon": "14", "windows": "3", "future": "promo", "past": "negative"}
    (line,) = commands
    assert not Path(line[4]).exists()  # the folder is temporary


def test_a_panel_of_ones_own_is_left_where_it_is(
    tmp_path: Path,
    commands: list[list[str]],
    written: list[tuple[str, list[dict[str, object]], dict[str, object]]],
) -> None:
    panel = tmp_path / "mine.csv"
    panel.write_text("unique_id,ds,y\na,2026-01-01,1\n", encoding="utf-8")
    assert command.main(["--panel", str(panel), "--horizon", "3"]) == 0
    assert commands[0][4] == str(panel)
    assert "--future" not in commands[0]
    assert written[0][2]["data"] == "mine.csv"
    assert written[0][2]["options"] == {"horizon": "3", "windows": "3", "future": "", "past": ""}
    assert panel.exists()
