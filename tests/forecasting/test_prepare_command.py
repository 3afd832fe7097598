import json
from pathlib import Path

import pandas as pd
import pytest

from forecasting.__main__ import main
from forecasting.checks import sample_panel

FAST = ["--horizon", "7", "--windows", "2", "--future", "promo", "--models", "SeasonalNaive"]


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    """Write a panel in disorder, with gaps, an empty value, a stock-out and a row twice."""
    df = sample_panel(days=80, ahead=7).drop(columns="views")
    df["stockout"] = (df.index % 50 == 20).astype(float)
    df.loc[33, "y"] = None
    df = pd.concat([df, df.iloc[[130]]]).drop(index=[40, 41]).sample(frac=1, random_state=0)
    df.to_csv(tmp_path / "panel.csv", index=False)
    return tmp_path / "panel.csv"


def test_prepare_writes_rows_ledger_and_effect_and_takes_them_back(csv: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    steps = "duplicates=first,stockouts=seasonal,gaps=seasonal,outliers=iqr"
    compare = ["--compare", "scale=robust"]
    assert main(["prepare", str(csv), *FAST, "--steps", steps, *compare, "-o", str(out)]) == 0
    report = json.loads((out / "report.json").read_text())
    assert report["steps"] == ["duplicates=first", "stockouts=seasonal", "gaps=seasonal", "outliers=iqr"]
    measured = {found["step"] for found in report["effect"]}
    assert measured == {*report["steps"][1:], "scale=robust"}
    assert {"wape_before", "wape_after", "n", "p_value", "verdict"} <= set(report["effect"][0])
    assert sum(done["cells"] for done in report["changes"]) == len(pd.read_csv(out / "ledger.csv"))
    assert report["lost_units"] >= 0
    prepared = pd.read_csv(out / "prepared.csv", parse_dates=["ds"])
    assert prepared.loc[prepared["ds"] <= "2026-03-25", "y"].notna().all()
    again = tmp_path / "again.csv"
    undo = ["prepare", str(out / "prepared.csv"), "--undo", str(out / "ledger.csv"), "-o", str(again)]
    assert main(undo) == 0
    assert again.read_bytes() == csv.read_bytes()


def test_a_short_history_is_prepared_without_an_effect(tmp_path: Path) -> None:
    path = tmp_path / "panel.csv"
    sample_panel(days=20, ahead=0).drop(index=3).to_csv(path, index=False)
    options = ["prepare", str(path), "--steps", "gaps=linear", "-o", str(tmp_path)]
    assert main(options) == 0
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["effect"] == []
    assert "need at least 56 days" in report["note"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "no step was given"),
        (["--steps", "gaps=best"], "unknown way 'best' of gaps"),
        (["--steps", "gaps=mean,gaps=zero"], "in one way only, not gaps=mean and gaps=zero: use --compare"),
        (["--steps", "gaps=mean"], "more than one row for a day in 1 rows of b"),
        (["--undo", "nowhere.csv"], "was not written by prepare: it has no row"),
    ],
)
def test_what_cannot_be_prepared_ends_with_two(
    csv: Path, tmp_path: Path, options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["prepare", str(csv), *FAST, *options, "-o", str(tmp_path / "out")]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
