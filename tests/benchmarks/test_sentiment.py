import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import nlp
from benchmarks import report
from benchmarks.sentiment import __main__ as command
from benchmarks.sentiment import engines
from benchmarks.sentiment.engines import Engine

GOOD = ["质量很好，值得推荐", "非常满意，很好用", "音质很好，很喜欢", "物流很快，好评"]
BAD = ["质量太差，不推荐", "太失望了，坏了", "杂音大，差评", "物流太慢，差评"]


def by_word(texts: Sequence[str]) -> list[bool]:
    return ["好" in text for text in texts]


@pytest.fixture
def rows() -> pd.DataFrame:
    return pd.DataFrame({"text": [*GOOD, *BAD] * 10, "label": ([True] * 4 + [False] * 4) * 10})


@pytest.fixture
def labelled_file(tmp_path: Path) -> Path:
    path = tmp_path / "reviews.csv"
    path.write_text("text,label,shop\n很好,1,a\n很差,0,a\n,1,b\n没有标签,,b\n不错,1,b\n", encoding="utf-8")
    return path


class Scores:
    """An analyser that knows the score of each text and remembers how it was asked."""

    def __init__(self, scores: dict[str, float]) -> None:
        self.scores = scores
        self.asked: list[object] = []

    def __call__(self, texts: Sequence[str], only: Sequence[str]) -> list[dict[str, Any]]:
        self.asked.append(list(only))
        return [{"sentiment": {"score": self.scores[text]}} for text in texts]


def test_ours_is_positive_above_zero_and_reads_sentiment_only(monkeypatch: pytest.MonkeyPatch) -> None:
    analyzer, loaded = Scores({"好": 0.9, "还行": 0.01, "说不清": 0.0, "差": -0.7}), []

    def load(**options: object) -> Scores:
        loaded.append(options)
        return analyzer

    monkeypatch.setattr(nlp, "Analyzer", SimpleNamespace(load=load))
    engine = engines.ours("fast", 3)
    assert engine(["好", "还行", "说不清", "差"]) == [True, True, False, False]
    assert analyzer.asked == [["sentiment"]]
    engine(["差"])
    assert loaded == [{"engine": "fast", "threads": 3}]


def test_tfidf_learns_from_characters(rows: pd.DataFrame) -> None:
    engine = engines.tfidf(rows["text"].tolist(), rows["label"].tolist())
    said = engine(["手感很好，推荐", "太差了，差评"])
    assert said == [True, False]
    assert all(type(label) is bool for label in said)


def test_tfidf_follows_its_labels_not_the_words(rows: pd.DataFrame) -> None:
    upside_down = engines.tfidf(rows["text"].tolist(), (~rows["label"]).tolist())
    assert upside_down(["手感很好，推荐", "太差了，差评"]) == [False, True]


def test_snownlp_is_positive_above_a_half_and_survives_an_empty_text(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    class SnowNLP:
        def __init__(self, text: str) -> None:
            seen.append(text)
            self.sentiments = {"好": 0.51, "中": 0.5}.get(text, 0.1)

    module = ModuleType("snownlp")
    module.SnowNLP = SnowNLP  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "snownlp", module)
    assert engines.snownlp()(["好", "中", ""]) == [True, False, False]
    assert seen == ["好", "中", " "]


def test_a_labelled_file_loses_its_incomplete_rows(labelled_file: Path) -> None:
    rows, name = command.labelled(str(labelled_file), 0)
    assert name == "reviews.csv"
    assert rows.to_dict("list") == {"text": ["很好", "很差", "不错"], "label": [True, False, True]}
    assert rows["label"].dtype == bool


def test_a_limit_draws_the_same_rows_each_time(labelled_file: Path) -> None:
    first, again = (command.labelled(str(labelled_file), 2)[0] for _ in range(2))
    assert len(first) == 2
    assert first.equals(again)
    assert set(first["text"]) < {"很好", "很差", "不错"}


def test_a_limit_above_the_file_takes_all_of_it(labelled_file: Path) -> None:
    assert len(command.labelled(str(labelled_file), 50)[0]) == 3


def test_a_file_without_labels_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_text("text\n很好\n", encoding="utf-8")
    with pytest.raises(ValueError, match="label"):
        command.labelled(str(path), 0)


def test_stars_of_the_demo_become_labels_and_three_stars_none(monkeypatch: pytest.MonkeyPatch) -> None:
    reviews = pd.DataFrame({"text": list("一二三四五"), "rating": [1, 2, 3, 4, 5], "sku": "黑"})
    asked = []
    monkeypatch.setattr(
        command.demo, "generate", lambda seed: asked.append(seed) or SimpleNamespace(reviews=reviews)
    )
    rows, name = command.labelled(None, 0)
    assert rows.to_dict("list") == {"text": list("一二四五"), "label": [False, False, True, True]}
    assert "synthetic" in name
    assert asked == [7]


def test_measures_of_an_engine_that_errs_on_one_side(rows: pd.DataFrame) -> None:
    found = command.measure("yes", lambda texts: [True] * len(texts), rows)
    assert (found["engine"], found["rows"], found["accuracy"]) == ("yes", 80, 0.5)
    assert found["macro_f1"] == pytest.approx((2 / 3 + 0) / 2)


def test_the_clock_runs_after_a_warm_up(rows: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[object] = []
    ticks = iter([10.0, 12.0])
    monkeypatch.setattr(
        command.time, "perf_counter", lambda: events.append("clock") or next(ticks), raising=True
    )

    def engine(texts: Sequence[str]) -> list[bool]:
        events.append(len(texts))
        return by_word(texts)

    found = command.measure("word", engine, rows)
    assert events == [32, "clock", 80, "clock"]
    assert found["reviews_per_s"] == 40.0


@pytest.fixture
def peers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for every engine; SnowNLP is installed."""

    def ours(name: str, threads: int) -> Engine:
        assert name == "accurate"
        assert threads >= 1
        return by_word

    monkeypatch.setattr(command, "ours", ours)
    monkeypatch.setattr(command, "snownlp", lambda: by_word)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)


@pytest.mark.usefixtures("peers")
def test_peers_are_measured_beside_ours(rows: pd.DataFrame) -> None:
    table = list(command.compare(rows, rows))
    assert [row["engine"] for row in table] == [
        "Fengping accurate",
        "TF-IDF + logistic regression",
        "SnowNLP",
    ]
    assert len({tuple(row) for row in table}) == 1
    assert [row["rows"] for row in table] == [80, 80, 80]


@pytest.mark.usefixtures("peers")
def test_the_slow_peer_reads_fewer_rows(rows: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "SNOWNLP_ROWS", 16)
    table = {row["engine"]: row["rows"] for row in command.compare(rows, None)}
    assert table == {"Fengping accurate": 80, "SnowNLP": 16}


@pytest.mark.usefixtures("peers")
def test_a_peer_that_is_not_installed_is_left_out(
    rows: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert [row["engine"] for row in command.compare(rows, None)] == ["Fengping accurate"]


@pytest.mark.usefixtures("peers")
def test_the_command_writes_its_table(
    labelled_file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    written: list[tuple[str, list[dict[str, object]], dict[str, object]]] = []
    monkeypatch.setattr(report, "write", lambda *content: written.append(content))
    train = tmp_path / "train.csv"
    lines = "".join(f"{text},{label}\n" for texts, label in ((GOOD, 1), (BAD, 0)) for text in texts)
    train.write_text("text,label\n" + lines, encoding="utf-8")
    assert command.main(["--labelled", str(labelled_file), "--train", str(train), "--limit", "2"]) == 0
    ((name, table, about),) = written
    assert name == "sentiment"
    assert about == {"data": "reviews.csv"}
    assert [row["rows"] for row in table] == [2, 2, 2]
    assert all(np.isfinite(row["reviews_per_s"]) for row in table)  # type: ignore[call-overload]
