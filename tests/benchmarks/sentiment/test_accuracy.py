from pathlib import Path

import pandas as pd
import pytest

from benchmarks.sentiment.accuracy import labelled, measures


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "reviews.csv"
    path.write_text("text,label,source\n很好,1,a\n很差,0,a\n,1,b\n没有标签,,b\n不错,1,b\n", encoding="utf-8")
    return path


def test_a_labelled_file_loses_its_incomplete_rows(path: Path) -> None:
    rows = labelled(path)
    assert rows["text"].tolist() == ["很好", "很差", "不错"]
    assert rows["label"].tolist() == [True, False, True]
    assert rows["label"].dtype == bool


def test_a_limit_draws_the_same_rows_each_time(path: Path) -> None:
    first, again = (labelled(path, 2) for _ in range(2))
    assert len(first) == 2
    assert first.equals(again)
    assert len(labelled(path, 50)) == 3


def test_a_file_without_labels_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_text("text\n很好\n", encoding="utf-8")
    with pytest.raises(KeyError, match="label"):
        labelled(path)


def test_measures_of_an_engine_that_errs_on_one_side(path: Path) -> None:
    found = measures(lambda texts: [True] * len(texts), labelled(path))
    assert found == pytest.approx({"accuracy": 2 / 3, "macro_f1": (0.8 + 0) / 2, "a": 0.5, "b": 1.0})


def test_rows_without_a_source_are_measured_as_a_whole() -> None:
    rows = pd.DataFrame({"text": ["好", "差"], "label": [True, False]})
    assert measures(lambda texts: ["好" in text for text in texts], rows) == {
        "accuracy": 1.0,
        "macro_f1": 1.0,
    }
