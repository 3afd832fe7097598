from pathlib import Path
from typing import Any

import pytest

from nlp.evaluate import sentiment_report
from nlp.pipeline import Analyzer
from nlp.training.card import evaluate, render, table


@pytest.fixture
def held_out(tmp_path: Path) -> Path:
    path = tmp_path / "held.csv"
    rows = "很好,1,a\n很差,0,a\n快,1,b\n不坏,1,b\n"
    path.write_text("text,label,source\n" + rows, encoding="utf-8")
    return path


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch, analyzer: Analyzer) -> None:
    """Load the classifier that counts words, whatever is asked for."""
    monkeypatch.setattr(Analyzer, "load", lambda *_, **__: analyzer)


def config() -> dict[str, Any]:
    return {
        "sha256": {"model.onnx": "aa11", "tokenizer.json": "bb22"},
        "max_tokens": 192,
        "temperature": 1.23,
        "threshold": 0.51,
        "risk_coverage": [{"coverage": 1.0, "risk": 0.1}, {"coverage": 0.95, "risk": 0.08}],
        "training": {
            "command": "python -m nlp.training reviews.csv",
            "base": {"layers": [0, 1, 2]},
            "data": {"read": 12345, "leaks": 6},
            "recipe": {"batch_size": 64, "learning_rate": 1e-4, "word_dropout": 0.05, "label_smoothing": 0.1},
            "vocabulary": 20000,
            "steps": 1000,
            "epochs_done": 1.5,
            "seconds": 600,
            "validation_accuracy_float32": 0.91,
            "note": "Trained in a storm.",
            "torch": "2.13.0",
        },
    }


@pytest.mark.usefixtures("loaded")
def test_measures_agree_with_the_report(held_out: Path, tmp_path: Path) -> None:
    found, report = evaluate(tmp_path, [held_out]), sentiment_report(held_out)
    assert list(found) == ["all of held.csv", "a", "b"]
    for name in ("accuracy", "macro_f1", "by_class", "calibration_error"):
        assert found["all of held.csv"][name] == report[name]
        assert found["b"][name] == report["by_source"]["b"][name]


@pytest.mark.usefixtures("loaded")
def test_a_row_of_the_table_holds_the_measures(held_out: Path, tmp_path: Path) -> None:
    lines = table(evaluate(tmp_path, [held_out])).splitlines()
    assert len(lines) == 2 + 3
    assert len({line.count("|") for line in lines}) == 1
    assert lines[3].startswith("| a | 2 | 1.0000 (0.3424–1.0000) | 1.0000 |")


def test_the_card_tells_hash_command_data_and_calibration() -> None:
    card = render(config(), {}, 21.4)
    for part in (
        "`aa11`",
        "`bb22`",
        "python -m nlp.training reviews.csv",
        "| read | 12,345 |",
        "(1.23)",
        "in a storm",
    ):
        assert part in card
    assert "10.0% at 100%, 8.0% at 95%" in card
    assert "0.9100 before quantisation, 0.9000 as shipped" in card
    assert "the 3 lowest layers" in card
    assert "{" not in card
