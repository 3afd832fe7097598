import argparse
import json
from pathlib import Path

import pytest

from nlp.sentiment import SentimentClassifier
from nlp.training import course
from nlp.training.__main__ import described, main, parser
from nlp.training.course import STUDENTS
from nlp.training.distil import Student


def texts(first: int, count: int) -> str:
    lines = [f"很好{i},1,shop\n差{i},0,{'shop' if i % 2 else 'books'}\n" for i in range(first, first + count)]
    return "text,label,source\n" + "".join(lines)


@pytest.fixture
def arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bundled_base: None) -> list[str]:
    """Arguments of a small training in folders of its own; any calibration is good enough."""
    monkeypatch.setitem(STUDENTS, "fast", Student(layers=(1,), feed_forward=32))
    monkeypatch.setattr("nlp.training.gate.CALIBRATION", 1.0)
    train, held = tmp_path / "train.csv", tmp_path / "held.csv"
    train.write_text(texts(0, 150), encoding="utf-8")
    held.write_text(texts(148, 20), encoding="utf-8")
    places = [("-o", "models"), ("--cards", "cards"), ("--work", "work")]
    folders = [part for option, name in places for part in (option, f"{tmp_path / name}")]
    options = ["--students", "fast", "--epochs", "1", "--student-epochs", "1", "--threads", "1"]
    return [f"{train}", "--held-out", f"{held}", *folders, *options]


def test_trains_publishes_measures_and_writes_the_card(arguments: list[str], tmp_path: Path) -> None:
    assert main(arguments) == 0
    place = tmp_path / "models" / "fast"
    assert SentimentClassifier.from_pretrained(place).predict_proba(["很好"]).shape == (1, 3)
    config = json.loads((place / "config.json").read_text(encoding="utf-8"))
    assert config["training"]["data"]["leaks"] == 4
    assert str(tmp_path) not in config["training"]["command"]
    card = (tmp_path / "cards" / "sentiment-fast.md").read_text(encoding="utf-8")
    assert config["sha256"]["model.onnx"] in card
    for row in ("| all of held.csv | 40 |", "| books | 10 |", "| shop | 30 |", "| 1 to 10 characters | 40 |"):
        assert row in card
    assert (tmp_path / "cards" / "sentiment-fast.svg").stat().st_size > 1000


def test_a_second_run_repeats_nothing(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 0
    first = (tmp_path / "models" / "fast" / "model.onnx").read_bytes()
    monkeypatch.setattr(course, "advise", None)
    assert main(arguments) == 0
    assert "from fast-" in capsys.readouterr().out
    assert (tmp_path / "models" / "fast" / "model.onnx").read_bytes() == first


def test_a_worse_model_is_not_published(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(arguments) == 0
    first = (tmp_path / "models" / "fast" / "config.json").read_bytes()
    monkeypatch.setattr("nlp.training.gate.CALIBRATION", -1.0)
    assert main([*arguments, "--seed", "7"]) == 3
    assert "not published: calibration error" in capsys.readouterr().err
    assert (tmp_path / "models" / "fast" / "config.json").read_bytes() == first


@pytest.mark.usefixtures("bundled_base")
def test_tells_what_is_wrong_with_the_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("text,label\n好,9\n", encoding="utf-8")
    assert main([f"{bad}"]) == 2
    assert "bad.csv has unknown labels in rows [2]" in capsys.readouterr().err


def options(*arguments: str) -> argparse.Namespace:
    return parser().parse_args(arguments)


def test_what_decides_the_result_is_told_and_folders_are_not() -> None:
    told = described(options("/home/me/a.csv", "b.csv", "--held-out", "deep/c.csv", "--seed", "4"))
    assert told == ["a.csv", "b.csv", "--held-out", "c.csv", "--epochs=2", "--student-epochs=5", "--seed=4"]


def test_no_held_out_file_no_option() -> None:
    assert "--held-out" not in described(options("a.csv"))


def test_the_told_arguments_are_understood_again() -> None:
    first = options("a.csv", "--held-out", "c.csv", "--epochs", "3")
    assert vars(options(*described(first))) == vars(first)
