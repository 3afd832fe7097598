"""`python -m benchmarks.sentiment`: accuracy and reviews a second of our engine beside its peers."""

import argparse
import importlib.util
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, f1_score

import demo
from benchmarks import report
from benchmarks.sentiment.engines import Engine, ours, snownlp, tfidf

SNOWNLP_ROWS = 1000


def labelled(path: str | None, limit: int) -> tuple[pd.DataFrame, str]:
    """Return rows with `text` and a boolean `label`, and what they are."""
    if path:
        rows = pd.read_csv(path, usecols=["text", "label"]).dropna()
        name = Path(path).name
    else:
        rows = demo.generate(seed=7).reviews.query("rating != 3").assign(label=lambda frame: frame.rating > 3)
        name = "demo reviews (synthetic, stars as labels: speed counts, accuracy flatters)"
    rows = rows.sample(min(limit, len(rows)), random_state=0) if limit else rows
    return rows.assign(label=rows["label"].astype(int).astype(bool))[["text", "label"]], name


def measure(name: str, engine: Engine, rows: pd.DataFrame) -> dict[str, object]:
    """Return one row of the table."""
    texts, truth = rows["text"].tolist(), rows["label"].to_numpy()
    engine(texts[:32])
    start = time.perf_counter()
    said = np.array(engine(texts))
    seconds = time.perf_counter() - start
    return {
        "engine": name,
        "rows": len(texts),
        "accuracy": float(accuracy_score(truth, said)),
        "macro_f1": float(f1_score(truth, said, average="macro")),
        "reviews_per_s": len(texts) / seconds,
    }


def compare(rows: pd.DataFrame, train: pd.DataFrame | None) -> Iterator[dict[str, object]]:
    """Yield one row of the table an engine."""
    yield measure("Fengping accurate", ours("accurate", os.cpu_count() or 1), rows)
    if train is not None:
        yield measure(
            "TF-IDF + logistic regression", tfidf(train["text"].tolist(), train["label"].tolist()), rows
        )
    if importlib.util.find_spec("snownlp"):
        yield measure("SnowNLP", snownlp(), rows.head(SNOWNLP_ROWS))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison and write its table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sentiment", description=__doc__)
    parser.add_argument("--labelled", help="CSV with text and label (1 positive, 0 negative)")
    parser.add_argument("--train", help="CSV of the same columns that TF-IDF learns from")
    parser.add_argument("--limit", type=int, default=0, help="use so many rows, drawn at random")
    options = parser.parse_args(arguments)
    rows, data = labelled(options.labelled, options.limit)
    train = labelled(options.train, 0)[0] if options.train else None
    report.write("sentiment", list(compare(rows, train)), {"data": data})
    return 0


if __name__ == "__main__":
    sys.exit(main())
