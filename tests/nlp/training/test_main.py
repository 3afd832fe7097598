import json
from pathlib import Path

import pytest

from nlp.sentiment import SentimentClassifier
from nlp.training.__main__ import main


def texts(first: int, count: int) -> str:
    lines = [f"很好{i},1,shop\n差{i},0,{'shop' if i % 2 else 'books'}\n" for i in range(first, first + count)]
    return "text,label,source\n" + "".join(lines)


@pytest.fixture
def arguments(tmp_path: Path) -> list[str]:
    train, held = tmp_path / "train.csv", tmp_path / "held.csv"
    train.write_text(texts(0, 150), encoding="utf-8")
    held.write_text(texts(148, 20), encoding="utf-8")
    places = [
        "-o",
        f"{tmp_path / 'model'}",
        "--card",
        f"{tmp_path / 'card.md'}",
        "--work",
        f"{tmp_path / 'work'}",
    ]
    return [f"{train}", "--held-out", f"{held}", *places, "--layers", "2", "--epochs", "1", "--threads", "1"]


@pytest.mark.usefixtures("bundled_base")
def test_trains_exports_measures_and_writes_the_card(arguments: list[str], tmp_path: Path) -> None:
    assert main(arguments) == 0
    classifier = SentimentClassifier.from_pretrained(tmp_path / "model")
    assert classifier.predict_proba(["很好"]).shape == (1, 3)
    config = json.loads((tmp_path / "model" / "config.json").read_text(encoding="utf-8"))
    assert config["training"]["data"]["leaks"] == 4
    assert config["training"]["epochs_done"] == 1.0
    assert str(tmp_path) not in config["training"]["command"]
    card = (tmp_path / "card.md").read_text(encoding="utf-8")
    assert config["sha256"]["model.onnx"] in card
    assert "| all of held.csv | 40 |" in card
    assert "| books | 10 |" in card
    assert "| shop | 30 |" in card


@pytest.mark.usefixtures("bundled_base")
def test_a_second_run_resumes_the_first(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 0
    first = (tmp_path / "model" / "model.onnx").read_bytes()
    capsys.readouterr()
    assert main(arguments) == 0
    assert "resumed at step" in capsys.readouterr().out
    assert (tmp_path / "model" / "model.onnx").read_bytes() == first


@pytest.mark.usefixtures("bundled_base")
def test_another_recipe_starts_afresh(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    capsys.readouterr()
    assert main([*arguments, "--seed", "7"]) == 0
    assert "resumed" not in capsys.readouterr().out


@pytest.mark.usefixtures("bundled_base")
def test_tells_what_is_wrong_with_the_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("text,label\n好,9\n", encoding="utf-8")
    assert main([f"{bad}"]) == 2
    assert "bad.csv has unknown labels in rows [2]" in capsys.readouterr().err
