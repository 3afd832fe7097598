import json
from pathlib import Path

import numpy as np
import pytest

from nlp.evaluate import (
    LabelError,
    calibration_error,
    measures,
    read_labelled,
    reliability,
    sentiment_report,
    wilson,
)
from nlp.pipeline import Analyzer
from nlp.reading import ReadError


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch, analyzer: Analyzer) -> None:
    """Let the report load the classifier that counts words."""
    monkeypatch.setattr(Analyzer, "load", lambda engine, threads: analyzer)


@pytest.mark.usefixtures("loaded")
def test_two_classes_go_by_the_sign_of_the_score(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", "text,label,source\n很好,1,a\n很差,0,a\n不坏,1,b\n快,1,b\n")
    report = sentiment_report(path)
    assert report["rows"] == 4
    assert report["accuracy"] == 0.75
    assert report["by_class"]["negative"] == {"precision": 0.5, "recall": 1.0, "f1": 0.6667, "support": 1}
    assert report["by_class"]["positive"] == {"precision": 1.0, "recall": 0.6667, "f1": 0.8, "support": 3}
    assert report["macro_f1"] == pytest.approx((0.6667 + 0.8) / 2, abs=1e-4)
    assert report["by_source"]["a"]["accuracy"] == 1.0
    assert report["by_source"]["b"]["accuracy"] == 0.5
    assert "neutral" not in report["by_class"]


@pytest.mark.usefixtures("loaded")
def test_three_classes_go_by_the_likeliest(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", "text,label\n很好,正面\n一日,neutral\n好快但慢,0\n")
    report = sentiment_report(path)
    assert set(report["by_class"]) == {"negative", "neutral", "positive"}
    assert report["by_class"]["neutral"]["recall"] == 1.0
    assert report["accuracy"] == pytest.approx(2 / 3, abs=1e-4)
    assert "by_source" not in report


@pytest.mark.usefixtures("loaded")
def test_the_report_is_json_and_names_what_was_measured(tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", "评论,情感\n很好,1\n差,0\n")
    report = json.loads(json.dumps(sentiment_report(path, "评论", "情感")))
    assert report["file"] == "r.csv"
    assert report["analyzer"].startswith("words-1+")
    assert report["reviews_per_s"] > 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text,stars\n好,1\n", "no column label; the columns are text, stars"),
        ("text,label\n好,1\n差,5\n", r"rows \[2\] have labels"),
        ("text,label\n", "have labels"),
        ("", "cannot be read"),
    ],
)
def test_refuses_a_file_without_usable_labels(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(LabelError, match=message):
        read_labelled(write(tmp_path / "bad.csv", content), "text", "label")


def test_a_missing_file_is_told_like_any_unreadable_one(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="cannot be read"):
        read_labelled(tmp_path / "none.csv", "text", "label")


def test_uncertain_texts_are_counted_apart() -> None:
    probabilities = np.array([[0.9, 0.0, 0.1], [0.45, 0.2, 0.35], [0.1, 0.1, 0.8]])
    found = measures(np.array([0, 2, 2]), probabilities, np.array([False, True, False]), [0, 2])
    assert found["accuracy"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["uncertain"] == pytest.approx(1 / 3, abs=1e-4)
    assert found["accuracy_certain"] == 1.0


def test_nothing_certain_has_no_accuracy() -> None:
    found = measures(np.array([0]), np.array([[0.4, 0.3, 0.3]]), np.array([True]), [0, 2])
    assert found["accuracy_certain"] is None


def test_wilson_interval_matches_the_published_example() -> None:
    # 81 of 263: Newcombe (1998), Table I, method 3
    assert wilson(81, 263) == pytest.approx([0.2553, 0.3662], abs=5e-5)


def test_calibration_error_is_the_gap_between_confidence_and_truth() -> None:
    def error(confidence: list[float], right: list[bool]) -> float:
        return calibration_error(reliability(np.array(confidence), np.array(right)))

    assert error([0.9] * 100, [True] * 90 + [False] * 10) == 0.0
    assert error([0.9] * 100, [True] * 60 + [False] * 40) == pytest.approx(0.3)
    assert error([0.9] * 50 + [0.6] * 50, [True] * 50 + [False] * 50) == pytest.approx((0.1 + 0.6) / 2)
    assert error([1.0, 1.0], [True, True]) == 0.0


def test_a_point_of_the_diagram_stands_for_its_bin() -> None:
    points = reliability(np.array([0.61, 0.65, 1.0, 0.99]), np.array([True, False, True, True]))
    assert points == [
        {"confidence": pytest.approx(0.63), "accuracy": 0.5, "share": 0.5},
        {"confidence": pytest.approx(0.995), "accuracy": 1.0, "share": 0.5},
    ]


def test_measures_hold_the_diagram_they_are_calibrated_by() -> None:
    probabilities = np.array([[0.9, 0.0, 0.1], [0.2, 0.5, 0.3]])
    found = measures(np.array([0, 0]), probabilities, np.array([False, False]), [0, 2])
    assert [point["confidence"] for point in found["reliability"]] == pytest.approx([0.6, 0.9])
    assert found["calibration_error"] == calibration_error(found["reliability"])
