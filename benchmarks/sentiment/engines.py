"""The engines compared: each turns texts into True (positive) or False, and is imported at its use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

Engine = Callable[[Sequence[str]], list[bool]]

ONE_BY_ONE = "Fengping accurate, one text at a time"
TFIDF = "TF-IDF + logistic regression"
SNOWNLP = "SnowNLP"
PIPELINE = "BERT-base pipeline"
PIPELINE_32 = "BERT-base pipeline, batch_size=32"


@dataclass(frozen=True)
class Setup:
    """What the engines are made with.

    Attributes
    ----------
    bert : Path
        Folder of the BERT-base-sized model.
    threads : int
    train : Path, optional
        CSV with text and label, which TF-IDF learns from.
    """

    bert: Path
    threads: int = 1
    train: Path | None = None


def engines(setup: Setup) -> dict[str, Callable[[], Engine]]:
    """Return what loads each engine, by name; TF-IDF only where there is something to learn from."""
    from nlp.engines import available

    ours = {f"Fengping {name}": partial(fengping, name, setup.threads) for name in available()}
    learned = {TFIDF: partial(tfidf, setup.train)} if setup.train else {}
    return {
        **ours,
        ONE_BY_ONE: lambda: one_by_one(fengping("accurate", setup.threads)),
        **learned,
        SNOWNLP: snownlp,
        PIPELINE: partial(pipeline, setup.bert, setup.threads),
        PIPELINE_32: partial(pipeline, setup.bert, setup.threads, batch_size=32),
    }


def fengping(name: str, threads: int) -> Engine:
    """Return our engine `name`, sentiment only."""
    from nlp import Analyzer

    analyzer = Analyzer.load(engine=name, threads=threads)
    return lambda texts: [row["sentiment"]["score"] > 0 for row in analyzer(texts, only=["sentiment"])]


def one_by_one(engine: Engine) -> Engine:
    """Return an engine that gets its texts singly."""
    return lambda texts: [engine([text])[0] for text in texts]


def tfidf(train: Path) -> Engine:
    """Return character 1–3-gram TF-IDF with logistic regression, fitted on a file."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    from benchmarks.sentiment.accuracy import labelled

    rows = labelled(train)
    words = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True)
    model = make_pipeline(words, LogisticRegression(C=4, max_iter=300)).fit(rows["text"], rows["label"])
    return lambda texts: [bool(label) for label in model.predict(texts)]


def snownlp() -> Engine:
    """Return SnowNLP as its documentation uses it: positive above 0.5."""
    from snownlp import SnowNLP

    return lambda texts: [SnowNLP(text or " ").sentiments > 0.5 for text in texts]


def pipeline(folder: Path, threads: int, batch_size: int | None = None) -> Engine:
    """Return `transformers.pipeline` as documented: one text at a time unless `batch_size` is given."""
    import torch
    import transformers

    torch.set_num_threads(threads)
    read = transformers.pipeline("sentiment-analysis", model=str(folder), device="cpu")
    options = {"batch_size": batch_size} if batch_size else {}
    return lambda texts: [answer["label"] == "positive" for answer in read(list(texts), **options)]
