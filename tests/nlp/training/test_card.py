import json
from pathlib import Path
from typing import Any

import pytest

from nlp.evaluate import sentiment_report
from nlp.pipeline import Analyzer
from nlp.training.card import draw_reliability, evaluate, render, table, write_card


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
        "name": "fast",
        "sha256": {"model.onnx": "aa11", "tokenizer.json": "bb22"},
        "max_tokens": 192,
        "temperature": 1.23,
        "threshold": 0.51,
        "risk_coverage": [{"coverage": 1.0, "risk": 0.1}, {"coverage": 0.95, "risk": 0.08}],
        "training": {
            "command": "python -m nlp.training reviews.csv",
            "base": {"name": "e5", "teacher_layers": 12},
            "student": {"layers": [0, 1, 2], "feed_forward": 768},
            "teacher": {"epochs": 2, "learning_rate": 1.5e-4, "guess_weight": 0.2},
            "recipe": {"epochs": 5, "batch_size": 64, "learning_rate": 2e-4},
            "data": {"read": 12345, "leaks": 6},
            "sources": {"waimai": 4321},
            "vocabulary": 20000,
            "seconds": {"teacher": 5400, "fast": 600},
            "note": "Trained in a storm.",
            "torch": "2.13.0",
        },
    }


@pytest.mark.usefixtures("loaded")
def test_measures_agree_with_the_report(held_out: Path, tmp_path: Path) -> None:
    found, report = evaluate(tmp_path, [held_out]), sentiment_report(held_out)
    assert list(found) == ["all of held.csv", "a", "b", "1 to 10 characters"]
    for name in ("accuracy", "macro_f1", "by_class", "calibration_error"):
        assert found["all of held.csv"][name] == report[name]
        assert found["b"][name] == report["by_source"]["b"][name]


@pytest.mark.usefixtures("loaded")
def test_a_row_of_the_table_holds_the_measures(held_out: Path, tmp_path: Path) -> None:
    lines = table(evaluate(tmp_path, [held_out])).splitlines()
    assert len(lines) == 2 + 4
    assert len({line.count("|") for line in lines}) == 1
    assert lines[3].startswith("| a | 2 | 1.0000 (0.3424–1.0000) | 1.0000 |")


def test_the_card_tells_hash_command_data_and_calibration() -> None:
    card = render(config(), {}, 21.4)
    for part in (
        "`aa11`",
        "`bb22`",
        "python -m nlp.training reviews.csv",
        "| read | 12,345 |",
        "| waimai | 4,321 |",
        "(1.23)",
        "teacher 90, fast 10",
        "3 layers, 384 wide, 768 inside",
        "one of 12 layers",
        "No file was held out.",
        "in a storm",
    ):
        assert part in card
    assert "10.0% at 100%, 8.0% at 95%" in card
    assert "{" not in card


@pytest.mark.usefixtures("loaded")
def test_texts_are_grouped_by_length(tmp_path: Path) -> None:
    held = tmp_path / "held.csv"
    lengths = (1, 10, 11, 30, 31, 81, 500)
    held.write_text("text,label\n" + "".join(f"{'好' * n},1\n" for n in lengths), encoding="utf-8")
    rows = {name: measured["rows"] for name, measured in evaluate(tmp_path, [held]).items()}
    assert rows == {
        "all of held.csv": 7,
        "1 to 10 characters": 2,
        "11 to 30 characters": 2,
        "31 to 80 characters": 1,
        "81 characters and more": 2,
    }


@pytest.mark.usefixtures("loaded")
def test_a_second_file_does_not_hide_the_first(held_out: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.csv"
    more.write_text("text,label,source\n很差,1,a\n", encoding="utf-8")
    found = evaluate(tmp_path, [held_out, more])
    assert (found["a"]["rows"], found["a (more.csv)"]["rows"]) == (2, 1)
    assert found["all of more.csv"]["accuracy"] == 0.0


@pytest.mark.usefixtures("loaded")
def test_a_group_without_a_certain_text_has_a_dash(held_out: Path, tmp_path: Path) -> None:
    found = evaluate(tmp_path, [held_out])
    found["a"]["accuracy_certain"] = None
    assert table(found).splitlines()[3].endswith("| – |")


def test_the_diagram_shows_each_point_and_is_the_same_each_time(tmp_path: Path) -> None:
    points = [{"confidence": c, "accuracy": c - 0.02, "share": 0.25} for c in (0.6, 0.7, 0.8, 0.9)]
    for name in ("one.svg", "two.svg"):
        draw_reliability(points, tmp_path / name)
    drawing = (tmp_path / "one.svg").read_text(encoding="utf-8")
    assert drawing == (tmp_path / "two.svg").read_text(encoding="utf-8")
    marks = drawing[drawing.index('id="PathCollection_1"') :].split("</g>", 1)[0]
    assert marks.count("<path ") == len(points)


@pytest.mark.usefixtures("loaded")
def test_writes_card_and_diagram_beside_each_other(held_out: Path, tmp_path: Path) -> None:
    folder = tmp_path / "fast"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config()), encoding="utf-8")
    (folder / "model.onnx").write_bytes(bytes(3_000_000))
    card = tmp_path / "docs" / "sentiment-fast.md"
    write_card(card, folder, {})
    assert not card.with_suffix(".svg").exists()
    write_card(card, folder, evaluate(folder, [held_out]))
    text = card.read_text(encoding="utf-8")
    assert "| all of held.csv | 4 |" in text
    assert "(3 MB)" in text
    assert "(sentiment-fast.svg)" in text
    assert card.with_suffix(".svg").read_text(encoding="utf-8").startswith("<?xml")
