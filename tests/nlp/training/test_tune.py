import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nlp.engines import MODELS
from nlp.pipeline import Analyzer
from nlp.training import tune as module
from nlp.training.encoder import Encoder
from nlp.training.export import write_model
from nlp.training.tune import Occupied, check_output, described, main, parser


@pytest.fixture
def start(
    encoder: Encoder,
    tokenizer_document: dict[str, Any],
    rows: list[list[int]],
    labels: NDArray[np.int64],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A small model that every engine's name stands for."""
    folder = tmp_path / "accurate"
    write_model(encoder, tokenizer_document, folder, 20, (rows, labels), {})
    monkeypatch.setattr(module, "model_folder", lambda engine: folder)
    return folder


@pytest.fixture
def arguments(tmp_path: Path, start: Path) -> list[str]:
    labels, fixed, texts = (tmp_path / name for name in ("labels.csv", "fixed.csv", "texts.csv"))
    words = [f"{'很' * (i % 5)}好{i},1\n{'很' * (i % 5)}差{i},0\n" for i in range(100)]
    labels.write_text("text,label\n" + "".join(words), encoding="utf-8")
    fixed.write_text("text,polarity\n" + "".join(f"东西{i},negative\n" for i in range(9)), encoding="utf-8")
    texts.write_text("text\n很很很\n龘\n", encoding="utf-8")
    options = ["--work", f"{tmp_path / 'work'}", "--threads", "1", "--epochs", "2"]
    given = [f"{labels}", "--corrections", f"{fixed}", "--texts", f"{texts}", "-o", f"{tmp_path / 'mine'}"]
    return [*given, *options]


def test_writes_a_model_that_loads_and_a_report_of_it(
    arguments: list[str], start: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path.name: path.read_bytes() for path in start.iterdir()}
    assert main([*arguments, "--learning-rate", "5e-3", "--epochs", "10"]) == 0
    analyzer = Analyzer.load(model_dir=tmp_path / "mine")
    report = json.loads((tmp_path / "mine" / "report.json").read_text(encoding="utf-8"))
    assert report["after"] == analyzer.classifier.version != report["before"]
    assert report["validation"]["after"]["accuracy"] > report["validation"]["before"]["accuracy"]
    assert report["changes"]["texts"] == 200 + 9 + 2
    assert sum(part["count"] for part in report["corrections"].values()) == 9
    assert "可以切换" in (tmp_path / "mine" / "report.md").read_text(encoding="utf-8")
    assert f"SENTIMENT_MODEL={tmp_path / 'mine'}" in capsys.readouterr().out
    assert {path.name: path.read_bytes() for path in start.iterdir()} == before


def test_says_do_not_switch_when_it_is_worse(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nlp.training.tune_report.FEWEST", 1000)
    assert main(arguments) == 3
    told = capsys.readouterr().err
    assert "Do not switch" in told
    assert "too few to tell, 1000 are needed" in told
    assert "不要切换" in (tmp_path / "mine" / "report.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("start")
def test_tells_what_is_wrong_with_the_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("text,label\n好,9\n", encoding="utf-8")
    for arguments, fault in (([f"{bad}"], "unknown labels in rows [2]"), ([], "are too few")):
        assert main([*arguments, "-o", f"{tmp_path / 'mine'}"]) == 2
        assert fault in capsys.readouterr().err
    assert not (tmp_path / "mine").exists()


def test_an_unknown_engine_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["a.csv", "--engine", "slow", "-o", f"{tmp_path / 'mine'}"]) == 2
    assert "unknown engine 'slow'" in capsys.readouterr().err


def test_no_model_in_use_is_written_over(tmp_path: Path) -> None:
    check_output(tmp_path / "new" / "deep")
    check_output(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    for folder in (tmp_path, tmp_path / "config.json"):
        with pytest.raises(Occupied, match="is not empty"):
            check_output(folder)
    with pytest.raises(Occupied, match="bundled"):
        check_output(MODELS / "mine")


def options(*arguments: str) -> argparse.Namespace:
    return parser().parse_args(arguments)


def test_what_decides_the_result_is_told_and_folders_are_not() -> None:
    told = described(options("/home/me/a.csv", "--corrections", "deep/c.csv", "-o", "/secret", "--seed", "4"))
    expected = [
        "a.csv",
        "--corrections=c.csv",
        "--engine=accurate",
        "--epochs=5",
        "--learning-rate=0.0002",
        "--seed=4",
    ]
    assert told == expected


def test_the_told_arguments_are_understood_again() -> None:
    first = options("a.csv", "--texts", "t.csv", "-o", "mine", "--engine", "fast")
    assert vars(options(*described(first), "-o", "mine")) == vars(first)
