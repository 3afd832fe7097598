import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecasting
from forecasting.__main__ import main
from forecasting.checks import sample_panel

FAST = ["--models", "Regression,Regression+past"]


def test_backtest_writes_cv_and_report(csv: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    options = [
        "--horizon",
        "7",
        "--windows",
        "2",
        "--future",
        "promo",
        "--past",
        "views",
        "--level",
        "80",
        "90",
    ]
    assert main(["backtest", str(csv), *options, *FAST, "-o", str(out)]) == 0
    cv = pd.read_csv(out / "cv.csv", parse_dates=["ds", "cutoff"])
    assert len(cv) == 3 * 2 * 7
    assert cv["ds"].max() == pd.Timestamp("2026-04-24")
    assert {"Fengping", "Fengping-lo-80", "Fengping-hi-90", "Regression+past", "SeasonalNaive-lo-90"} <= set(
        cv
    )
    report = json.loads((out / "report.json").read_text())
    assert set(report["models"]) == {"SeasonalNaive", "Regression", "Regression+past", "Fengping"}
    measures = {"wape", "mase", "rmsse", "mae", "rmse", "mse", "r2", "bias", "coverage_80", "width_90"}
    assert measures <= set(report["models"]["Fengping"])
    assert report["lift"]["columns"] == ["views"]
    assert report["direction"]["n"] == 2 * 3
    assert report["seconds"] > 0
    assert (report["windows"], report["horizon"]) == (2, 7)


def test_forecast_writes_the_days_ahead(csv: Path, tmp_path: Path) -> None:
    out = tmp_path / "forecast.csv"
    options = ["--horizon", "7", "--windows", "1", "--future", "promo", "--models", "Regression"]
    assert main(["forecast", str(csv), *options, "-o", str(out)]) == 0
    forecast = pd.read_csv(out, parse_dates=["ds"])
    assert list(forecast.columns) == ["unique_id", "ds", "model", "yhat", "lo-80", "hi-80", "lo-95", "hi-95"]
    assert len(forecast) == 21
    assert forecast["ds"].min() == pd.Timestamp("2026-04-25")


def test_a_scenario_moves_the_forecast_warns_and_is_refused_where_nobody_feels_it(
    csv: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(scenario: str) -> int:
        options = ["--horizon", "7", "--windows", "1", "--future", "promo", "--models", "Regression"]
        return main(["forecast", str(csv), *options, "--scenario", scenario, "-o", str(tmp_path / "out.csv")])

    assert run('{"promo": 1}') == 0
    promoted = pd.read_csv(tmp_path / "out.csv")
    assert (capsys.readouterr().err, len(promoted)) == ("", 21)
    assert run('{"promo": 2, "from": "2026-04-26"}') == 0
    assert "warning: promo 2 is above every value seen of a, b, c (0 … 1)" in capsys.readouterr().err
    more = pd.read_csv(tmp_path / "out.csv")
    later = more["ds"] > "2026-04-25"
    assert (more["yhat"] > promoted["yhat"])[later].all()
    assert run('{"weather": 1}') == 2
    assert "weather (known ahead: promo)" in capsys.readouterr().err


def test_lift_writes_the_contracts_shape(tmp_path: Path, make_planted: Callable[..., pd.DataFrame]) -> None:
    path, out = tmp_path / "panel.csv", tmp_path / "LIFT.json"
    make_planted(n=3, days=250, foretold=[1]).to_csv(path, index=False)
    assert (
        main(["lift", str(path), "--horizon", "7", "--windows", "8", "--past", "sentiment", "-o", str(out)])
        == 0
    )
    lift = json.loads(out.read_text())
    assert lift["columns"] == ["sentiment"]
    expected = {
        *("unique_id", "wape_without", "wape_with", "delta_mae", "delta_wape", "ci"),
        *("dm_statistic", "dm_p_value", "p_value", "q_value", "verdict", "windows"),
    }
    assert all(set(product) == expected for product in lift["products"])
    assert [product["verdict"] for product in lift["products"]] == ["none", "helps", "none"]


def test_lags_tells_by_how_many_days_a_column_leads(
    tmp_path: Path, make_planted: Callable[..., pd.DataFrame]
) -> None:
    path, out = tmp_path / "panel.csv", tmp_path / "deep" / "LAGS.json"
    make_planted(n=3, days=250, foretold=[1]).to_csv(path, index=False)
    assert main(["lags", str(path), "--past", "sentiment", "--most", "14", "-o", str(out)]) == 0
    lags = json.loads(out.read_text())
    assert [product["verdict"] for product in lags["products"]] == ["none", "leads", "none"]
    assert lags["products"][1]["lag"] == 5
    assert lags["lags"] == list(range(-7, 15))


def fails(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(arguments) == 2
    return capsys.readouterr().err


def test_bad_panels_end_with_two_and_name_column_and_ids(
    csv: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["--models", "SeasonalNaive", "-o", str(tmp_path / "out")]
    assert "missing columns: price; found: unique_id" in fails(
        ["backtest", str(csv), "--past", "price", *out], capsys
    )
    assert "daily" in fails(["backtest", str(csv), "--freq", "W", *out], capsys)
    assert "need at least 114 days of history" in fails(
        ["backtest", str(csv), "--windows", "100", "--horizon", "1", *out], capsys
    )
    assert "unknown models: Magic" in fails(["backtest", str(csv), "--models", "Magic", "-o", "x"], capsys)
    assert "no column was given" in fails(["lift", str(csv), "-o", "x"], capsys)
    assert "no column was given" in fails(["lags", str(csv), "-o", "x"], capsys)
    panel = sample_panel(days=110, ahead=7)
    panel.loc[(panel["unique_id"] == "b") & (panel["ds"] == "2026-04-28"), "promo"] = np.nan
    panel.to_csv(tmp_path / "gap.csv", index=False)
    error = fails(
        ["forecast", str(tmp_path / "gap.csv"), "--horizon", "7", "--future", "promo", *out], capsys
    )
    assert "'promo' must be known for the 7 days after 2026-04-24; missing for b" in error
    assert not (tmp_path / "out").exists()


def test_files_that_are_no_panel_end_with_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(b"unique_id,ds,y\n" * 5000)[:40])
    error = fails(["backtest", str(tmp_path / "cut.csv.gz"), "-o", str(tmp_path / "out")], capsys)
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert "No such file" in fails(["backtest", str(tmp_path / "none.csv"), "-o", "x"], capsys)


@pytest.mark.parametrize("wrong", [["--horizon", "0"], ["--level", "100"], ["--windows", "x"]])
def test_wrong_options_are_refused(wrong: list[str], csv: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["backtest", str(csv), *wrong, "-o", "x"])
    assert stopped.value.code == 2
    assert wrong[0] in capsys.readouterr().err


def test_it_runs_as_a_module(csv: Path, tmp_path: Path) -> None:
    out = tmp_path / "forecast.csv"
    options = ["--horizon", "3", "--windows", "1", "--models", "SeasonalNaive", "-o", str(out)]
    run = subprocess.run(
        [sys.executable, "-m", "forecasting", "forecast", str(csv), *options],
        cwd=Path(forecasting.__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert len(pd.read_csv(out)) == 9


def test_two_runs_write_the_same_forecast(csv: Path, tmp_path: Path) -> None:
    options = ["--horizon", "7", "--windows", "1", "--future", "promo", "--models", "Regression"]
    for name in ("first.csv", "second.csv"):
        assert main(["forecast", str(csv), *options, "-o", str(tmp_path / name)]) == 0
    assert (tmp_path / "first.csv").read_bytes() == (tmp_path / "second.csv").read_bytes()


def test_static_columns_may_be_words(tmp_path: Path) -> None:
    panel = sample_panel(days=90, ahead=0)
    panel["category"] = panel["unique_id"].map({"a": "茶", "b": "茶", "c": "咖啡"})
    panel.to_csv(tmp_path / "panel.csv", index=False)
    options = ["--horizon", "7", "--windows", "1", "--static", "category", "--models", "Regression"]
    assert main(["backtest", str(tmp_path / "panel.csv"), *options, "-o", str(tmp_path / "out")]) == 0
    assert len(pd.read_csv(tmp_path / "out" / "cv.csv")) == 21


def test_what_was_left_out_is_in_the_report(csv: Path, tmp_path: Path) -> None:
    options = ["--horizon", "7", "--windows", "1", "--models", "SeasonalNaive"]
    assert main(["backtest", str(csv), *options, "-o", str(tmp_path / "out")]) == 0
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["notes"] == []
    assert report["lift"] is None
    assert report["champions"] == {"SeasonalNaive": 3}


def test_idle_columns_and_what_was_made_of_days_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    panel = sample_panel(days=80, ahead=7).assign(flat=1.0).drop(index=[30])
    panel["twin"] = 1 - panel["promo"]
    panel.to_csv(tmp_path / "panel.csv", index=False)
    options = [str(tmp_path / "panel.csv"), "--horizon", "7", "--windows", "1", "--models", "SeasonalNaive"]
    options += ["--future", "promo,flat,twin"]
    assert main(["backtest", *options, "-o", str(tmp_path / "out")]) == 0
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["preparation"]["total"]["unrecorded"] >= 1
    assert len(report["notes"]) == 2
    assert report["preparation"]["idle_columns"] == report["notes"]
    assert main(["forecast", *options, "-o", str(tmp_path / "forecast.csv")]) == 0
    said = capsys.readouterr().err
    assert "note: future column 'flat' never varies" in said
    assert "note: future column 'twin' only repeats 'promo'" in said


def test_the_same_column_twice_is_refused(csv: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = ["backtest", str(csv), "--future", "promo", "--past", "promo", "-o", "x"]
    assert "declared more than once: promo" in fails(wrong, capsys)


def test_duplicates_negatives_and_words_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = {
        "a,2026-01-01,1\na,2026-01-01,2": "more than one row for a day in 1 rows of a",
        "a,2026-01-01,-1": "negative y in 1 rows of a, first a on 2026-01-01",
        "a,2026-01-01,many": "column 'y' is not a number in 1 rows of a",
        "a,2026-02-30,1": "column 'ds' is not a date in 1 rows of a, first a on 2026-02-30",
    }
    for content, message in rows.items():
        (tmp_path / "panel.csv").write_text(f"unique_id,ds,y\n{content}\n")
        assert message in fails(["backtest", str(tmp_path / "panel.csv"), "-o", "x"], capsys)
