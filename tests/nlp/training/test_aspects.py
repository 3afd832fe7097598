"""`python -m nlp.training.aspects` from labelled files to a model folder and a card."""

import json
from pathlib import Path

import pytest
import torch

from nlp.aspect_model import CONFIG, AspectModel
from nlp.training.aspects import checkpoint_weights, described, main, parser
from nlp.training.base import BaseModelError

TEXTS = [f"东西{'很' * (i % 5)}{'好' if i % 2 else '差'}{'，' * (i // 10)}" for i in range(60)]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rows = [
        f"{text},东西,{text[-1 - i // 10]},质量,{'positive' if i % 2 else 'negative'}"
        for i, text in enumerate(TEXTS)
    ]
    path = tmp_path / "labelled.csv"
    path.write_text("\n".join(["text,aspect,opinion,category,polarity", *rows]), encoding="utf-8")
    return path


@pytest.fixture
def arguments(data: Path, tmp_path: Path) -> list[str]:
    places = [
        "-o",
        str(tmp_path / "model"),
        "--card",
        str(tmp_path / "card.md"),
        "--work",
        str(tmp_path / "work"),
    ]
    return [str(data), *places, "--layers=2", "--epochs=2", "--threads=1"]


@pytest.mark.usefixtures("bundled_base")
def test_from_files_to_a_model_that_reads(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 0
    model = AspectModel(tmp_path / "model")
    assert model.judge(["东西好"], [((0, 2), None)]).sum() == pytest.approx(1, abs=1e-4)
    assert len(model.read(["东西很好", ""])) == 2
    training = json.loads((tmp_path / "model" / CONFIG).read_text(encoding="utf-8"))["training"]
    assert training["command"].startswith("python -m nlp.training.aspects labelled.csv --layers=2")
    assert str(tmp_path) not in training["command"]
    card = (tmp_path / "card.md").read_text(encoding="utf-8")
    assert model.config.sha256["model.onnx"] in card
    assert "| labelled.csv | rules alone |" in card
    steps = training["steps"]
    assert main(arguments) == 0
    assert f"resumed at step {steps}" in capsys.readouterr().out


def test_a_missing_column_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("text,polarity\n好,positive\n", encoding="utf-8")
    assert main([str(path)]) == 2
    assert "no column aspect" in capsys.readouterr().err


def test_a_checkpoint_gives_the_words_that_are_kept(tmp_path: Path) -> None:
    weights = {"encoder.words.weight": torch.arange(6.0).view(3, 2), "bias": torch.zeros(3)}
    torch.save({"model": weights}, tmp_path / "a.pt")
    found = checkpoint_weights(tmp_path / "a.pt", [0, 2], 3)
    assert list(found) == ["words.weight"]
    assert found["words.weight"].tolist() == [[0, 1], [4, 5]]
    with pytest.raises(BaseModelError, match=r"a\.pt knows 3 tokens, its tokenizer 4"):
        checkpoint_weights(tmp_path / "a.pt", [0], 4)


def test_what_decides_the_result_is_told() -> None:
    options = parser().parse_args(
        ["/home/me/a.csv", "--base", "x/t.pt", "--tokenizer", "x/t.json", "--seed=3"]
    )
    assert described(options) == [
        *("a.csv", "--base=t.pt", "--tokenizer=t.json"),
        *("--layers=8", "--epochs=6", "--seed=3"),
    ]
