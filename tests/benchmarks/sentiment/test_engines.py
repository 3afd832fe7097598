import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch
import transformers

import nlp
from benchmarks.sentiment import engines
from benchmarks.sentiment.engines import ONE_BY_ONE, PIPELINE, PIPELINE_32, SNOWNLP, TFIDF, Setup
from nlp.engines import available


class Scores:
    """An analyser that knows the score of each text and remembers how it was asked."""

    def __init__(self, scores: dict[str, float]) -> None:
        self.scores = scores
        self.asked: list[object] = []

    def __call__(self, texts: Sequence[str], only: Sequence[str]) -> list[dict[str, Any]]:
        self.asked.append(list(only))
        return [{"sentiment": {"score": self.scores[text]}} for text in texts]


def test_all_bundled_engines_stand_beside_their_peers(setup: Setup) -> None:
    names = list(engines.engines(setup))
    assert names[: len(available())] == [f"Fengping {name}" for name in available()]
    assert names[len(available()) :] == [ONE_BY_ONE, TFIDF, SNOWNLP, PIPELINE, PIPELINE_32]
    assert TFIDF not in engines.engines(replace(setup, train=None))


def test_ours_is_positive_above_zero_and_reads_sentiment_only(monkeypatch: pytest.MonkeyPatch) -> None:
    analyzer, loaded = Scores({"好": 0.9, "还行": 0.01, "说不清": 0.0, "差": -0.7}), []

    def load(**options: object) -> Scores:
        loaded.append(options)
        return analyzer

    monkeypatch.setattr(nlp, "Analyzer", SimpleNamespace(load=load))
    engine = engines.fengping("fast", 3)
    assert engine(["好", "还行", "说不清", "差"]) == [True, True, False, False]
    assert analyzer.asked == [["sentiment"]]
    assert loaded == [{"engine": "fast", "threads": 3}]


def test_one_by_one_hands_over_single_texts() -> None:
    seen: list[list[str]] = []
    engine = engines.one_by_one(lambda texts: seen.append(list(texts)) or ["好" in texts[0]])  # type: ignore[func-returns-value]
    assert engine(["好", "差"]) == [True, False]
    assert seen == [["好"], ["差"]]


def test_tfidf_learns_from_characters(train: Path) -> None:
    said = engines.tfidf(train)(["手感很好，推荐", "太差了，差评"])
    assert said == [True, False]
    assert all(type(label) is bool for label in said)


def test_tfidf_follows_its_labels_not_the_words(train: Path) -> None:
    swapped = train.read_text(encoding="utf-8").replace(",1", ",x").replace(",0", ",1").replace(",x", ",0")
    train.write_text(swapped, encoding="utf-8")
    assert engines.tfidf(train)(["手感很好，推荐", "太差了，差评"]) == [False, True]


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


def test_the_pipeline_says_what_the_model_does(small: Path) -> None:
    texts = ["质量很好", "物流太慢，差评", "不错"]
    single, batched = engines.pipeline(small, 1), engines.pipeline(small, 1, batch_size=32)
    tokenizer = transformers.AutoTokenizer.from_pretrained(small)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(small)
    with torch.no_grad():
        logits = [model(**tokenizer(text, return_tensors="pt")).logits[0] for text in texts]
    assert single(texts) == batched(texts) == [bool(row.argmax()) for row in logits]


@pytest.mark.parametrize(("batch_size", "options"), [(None, {}), (32, {"batch_size": 32})])
def test_the_pipeline_is_used_as_documented(
    monkeypatch: pytest.MonkeyPatch, batch_size: int | None, options: dict[str, int]
) -> None:
    asked, threads = [], []

    def read(texts: list[str], **given: int) -> list[dict[str, str]]:
        asked.append((texts, given))
        return [{"label": "positive" if "好" in text else "negative"} for text in texts]

    monkeypatch.setitem(sys.modules, "transformers", SimpleNamespace(pipeline=lambda task, **_: read))
    monkeypatch.setattr(torch, "set_num_threads", threads.append)
    assert engines.pipeline(Path("bert"), 2, batch_size)(["好", "差"]) == [True, False]
    assert asked == [(["好", "差"], options)]
    assert threads == [2]
