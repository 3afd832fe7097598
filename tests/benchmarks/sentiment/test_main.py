from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from benchmarks import report
from benchmarks.sentiment import __main__ as command
from benchmarks.sentiment import bert
from benchmarks.sentiment.engines import ONE_BY_ONE, PIPELINE, PIPELINE_32, Setup

OURS = "Fengping accurate"


def by_word(texts: Sequence[str]) -> list[bool]:
    return ["好" in text for text in texts]


@pytest.fixture
def stood_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for engines and their processes."""
    names = (OURS, ONE_BY_ONE, PIPELINE, PIPELINE_32)
    monkeypatch.setattr(command, "engines", lambda setup: {name: lambda: by_word for name in names})
    found = {"ready_s": 1.0, "ready_cpu_s": 0.5, "peak_mb": 100.0}
    monkeypatch.setattr(command.footprint, "measure", lambda name, setup, texts: found)


@pytest.mark.usefixtures("stood_in")
def test_every_engine_has_a_row_and_only_what_means_something_in_it(small: Path) -> None:
    rows = pd.DataFrame({"text": ["很好", "很差"], "label": [True, False]})
    table = command.table(Setup(small), rows, repeats=1, seconds=0.01)
    by_name = {row["engine"]: row for row in table}
    assert len({tuple(row) for row in table}) == 1
    assert by_name[OURS]["accuracy"] == 1.0
    assert by_name[PIPELINE]["accuracy"] is None
    assert by_name[PIPELINE]["times_bert"] == 1.0
    assert by_name[ONE_BY_ONE]["peak_mb"] is by_name[PIPELINE_32]["peak_mb"] is None
    assert by_name[PIPELINE]["peak_mb"] == 100.0
    assert by_name[PIPELINE]["per_s_own_tokens"] is None
    assert by_name[OURS]["per_s_own_tokens"] > 0


@pytest.mark.usefixtures("stood_in")
def test_without_labels_there_is_no_accuracy(small: Path) -> None:
    table = command.table(Setup(small), None, repeats=1, seconds=0.01)
    assert "accuracy" not in table[0]
    assert all(row["reviews_per_s"] > 0 for row in table)


def test_the_command_measures_real_engines_and_writes_its_table(
    train: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("snownlp", reason="a peer, installed by make bench")
    written: list[tuple[str, list[dict[str, object]], dict[str, object]]] = []
    monkeypatch.setattr(report, "write", lambda *content: written.append(content))
    size = bert.Size(layers=1, hidden=16, heads=2)
    monkeypatch.setattr(command.bert, "make", lambda folder, make=bert.make: make(folder, size))
    options = [
        "--labelled",
        train,
        "--train",
        train,
        "--limit",
        8,
        "--threads",
        1,
        "--repeats",
        1,
        "--seconds",
        0,
    ]
    assert command.main([str(option) for option in options]) == 0
    ((name, table, about),) = written
    assert name == "sentiment"
    assert (about["labelled"], about["train"], about["threads"]) == ("train.csv, 8 rows", "train.csv", 1)
    by_name = {row["engine"]: row for row in table}
    assert {OURS, ONE_BY_ONE, PIPELINE, PIPELINE_32} < set(by_name)
    assert by_name["TF-IDF + logistic regression"]["accuracy"] == 1.0
    assert all(row["reviews_per_s"] > 0 for row in table)
