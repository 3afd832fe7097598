import json
from pathlib import Path

import pytest

from forecasting.__main__ import main


def test_tune_writes_what_was_tried(csv: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "log.json"
    options = [
        "--horizon",
        "7",
        "--windows",
        "1",
        "--future",
        "promo",
        "--model",
        "Regression",
        "--trials",
        "2",
    ]
    assert main(["tune", str(csv), *options, "--method", "random", "-o", str(out)]) == 0
    found = json.loads(out.read_text())
    assert (found["model"], found["method"], found["horizon"], found["seed"]) == (
        "Regression",
        "random",
        7,
        0,
    )
    assert [row["state"] for row in found["log"]] == ["complete"] * 3
    assert set(found["log"][1]["params"]) == {"alpha", "shared_alpha", "l1_ratio", "max_days"}
    assert len(found["default"]) == len(found["chosen"]) == 2


def test_a_model_without_a_space_is_named(
    csv: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tune", str(csv), "--model", "ETS", "-o", str(tmp_path / "x.json")]) == 2
    assert "no space to search for 'ETS'; there are: Trees, Regression, LSTM" in capsys.readouterr().err


def test_no_trials_are_refused(csv: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--model", "Regression", "--trials", "0", "-o", str(tmp_path / "x.json")]
    assert main(["tune", str(csv), *options]) == 2
    assert "trials must be at least 1, not 0" in capsys.readouterr().err
