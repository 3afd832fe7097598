"""`python -m benchmarks.sentiment`: our engines and their peers: accuracy, speed, memory, time to ready."""

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

import pandas as pd

from benchmarks import report
from benchmarks.sentiment import bert, footprint, speed
from benchmarks.sentiment.accuracy import labelled, measures
from benchmarks.sentiment.engines import ONE_BY_ONE, PIPELINE, PIPELINE_32, TFIDF, Engine, Setup, engines
from benchmarks.sentiment.texts import BERT_CHARACTERS, TOKENS, characters_for, reviews

NOISE = (PIPELINE, PIPELINE_32)
"""Random weights: what they say is not worth comparing."""
NO_PROCESS = (ONE_BY_ONE, TFIDF, PIPELINE_32)
"""The model of another row, or fitted on the spot: no process of its own to measure."""
FOOTPRINT_TEXTS = 128


def accuracies(loaded: Mapping[str, Engine], rows: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return the measures of each engine whose answers mean something."""
    return {name: measures(loaded[name], rows) for name in loaded if name not in {*NOISE, ONE_BY_ONE}}


def speeds(loaded: Mapping[str, Engine], repeats: int, seconds: float) -> dict[str, dict[str, float]]:
    """Return reviews a second, and how many times those of the BERT-base pipeline they are."""
    found = speed.turns(loaded, reviews(BERT_CHARACTERS), repeats, seconds)
    return {
        name: {
            "reviews_per_s": speed.per_second(turns),
            "per_cpu_s": speed.per_processor_second(turns),
            "times_bert": speed.times_faster(turns, found[PIPELINE]),
        }
        for name, turns in found.items()
    }


def own_speeds(loaded: Mapping[str, Engine], repeats: int, seconds: float) -> dict[str, dict[str, float]]:
    """Return reviews a second of our engines where 40 tokens are their own tokenizer's, which are longer."""
    from nlp import Analyzer

    characters = characters_for(TOKENS, Analyzer.load().classifier.tokenise)
    ours = {name: engine for name, engine in loaded.items() if name.startswith("Fengping")}
    found = speed.turns(ours, reviews(characters, seed=1), repeats, seconds)
    return {name: {"per_s_own_tokens": speed.per_second(turns)} for name, turns in found.items()}


def table(setup: Setup, rows: pd.DataFrame | None, repeats: int, seconds: float) -> list[dict[str, object]]:
    """Measure every engine, the processes of their own first, and return one row each."""
    makers = engines(setup)
    texts = list(islice(reviews(BERT_CHARACTERS, seed=2), FOOTPRINT_TEXTS))
    parts = [{name: footprint.measure(name, setup, texts) for name in makers if name not in NO_PROCESS}]
    loaded = {name: make() for name, make in makers.items()}
    parts.insert(0, own_speeds(loaded, repeats, seconds))
    parts.insert(0, speeds(loaded, repeats, seconds))
    if rows is not None:
        parts.insert(0, accuracies(loaded, rows))
    columns = dict.fromkeys(column for part in parts for row in part.values() for column in row)
    return [
        {
            "engine": name,
            **dict.fromkeys(columns),
            **{k: v for part in parts for k, v in part.get(name, {}).items()},
        }
        for name in makers
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison and write its table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sentiment", description=__doc__)
    parser.add_argument(
        "--labelled", type=Path, help="CSV with text and label (1 positive, 0 negative): accuracy"
    )
    parser.add_argument("--train", type=Path, help="CSV of the same columns: TF-IDF learns from it")
    parser.add_argument(
        "--limit", type=int, default=0, help="of the labelled rows use so many, drawn at random"
    )
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="about how long one timing lasts")
    options = parser.parse_args(arguments)
    rows = labelled(options.labelled, options.limit) if options.labelled else None
    with tempfile.TemporaryDirectory() as name:
        setup = Setup(bert.make(Path(name)), options.threads, options.train)
        found = table(setup, rows, options.repeats, options.seconds)
    about = {
        "labelled": f"{options.labelled.name}, {len(rows)} rows" if rows is not None else None,
        "train": options.train.name if options.train else None,
        "speed": f"generated reviews, all different, {BERT_CHARACTERS} characters: {TOKENS} tokens of BERT's",
        "threads": options.threads,
        "repeats": options.repeats,
    }
    report.write("sentiment", found, about)
    return 0


if __name__ == "__main__":
    sys.exit(main())
