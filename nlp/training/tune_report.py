"""What would change if a tuned model took the place of the one it began with, and whether it should."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binomtest

from nlp.evaluate import NEGATIVE, POSITIVE, measures
from nlp.pipeline import Analyzer
from nlp.privacy import mask
from nlp.sentiment import LABELS
from nlp.training.gate import falls
from nlp.training.tune_data import ShopRows

FEWEST = 30
"""Validation rows below which nothing can be told."""
SHOWN = 20
"""Largest changes that a report lists."""
LONGEST = 200
"""Characters of a text that a report shows."""

Answers = Mapping[str, Mapping[str, Any]]


def compare(old: Analyzer, new: Analyzer, data: ShopRows) -> dict[str, Any]:
    """What a new model says otherwise than the old one of everything that a shop gave.

    Returns
    -------
    dict
        JSON-serialisable. ``validation``: `nlp.evaluate.measures` before and
        after, and the sign test of the rows that only one model gets right.
        ``corrections``: how many are right, those trained on and those held
        back. ``changes``: labels that change, from and to, and ``largest``:
        changes of the score, both over all texts given, each once.
        ``against``: what speaks against the new model.
    """
    texts = list(dict.fromkeys([*data.train["text"], *data.validation["text"], *data.texts]))
    before, after = (_answers(analyzer, texts) for analyzer in (old, new))
    validation = _validation(data.validation, before, after)
    corrections = {
        part: _corrections(frame[frame["corrected"]], before, after)
        for part, frame in (("trained_on", data.train), ("held_back", data.validation))
    }
    return {
        "before": old.classifier.version,
        "after": new.classifier.version,
        "rows": data.counts,
        "validation": validation,
        "corrections": corrections,
        "changes": _changes(before, after),
        "largest": _largest(before, after),
        "against": _against(validation, corrections),
    }


def _answers(analyzer: Analyzer, texts: Sequence[str]) -> dict[str, dict[str, Any]]:
    rows = analyzer(texts, only=["sentiment"])
    return {text: row["sentiment"] for text, row in zip(texts, rows, strict=True)}


def _validation(frame: pd.DataFrame, *models: Answers) -> dict[str, Any]:
    labels = frame["label"].to_numpy(np.int64)
    classes = sorted({*labels.tolist(), NEGATIVE, POSITIVE})
    found, right = [], []
    for answers in models:
        rows = [answers[text] for text in frame["text"]]
        chances = np.array([[row[name] for name in LABELS] for row in rows])
        found.append(measures(labels, chances, np.array([r["label"] == "uncertain" for r in rows]), classes))
        right.append(np.asarray(classes)[chances[:, classes].argmax(1)] == labels)
    return {"before": found[0], "after": found[1], **_paired(*right)}


def _paired(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> dict[str, Any]:
    """Rows that only one model gets right, and how likely so uneven a split is by chance (sign test)."""
    mended, spoilt = int((after & ~before).sum()), int((before & ~after).sum())
    chance = binomtest(mended, mended + spoilt).pvalue if mended + spoilt else 1.0
    return {"mended": mended, "spoilt": spoilt, "p_value": round(float(chance), 4)}


def _corrections(frame: pd.DataFrame, before: Answers, after: Answers) -> dict[str, int]:
    """How many corrections there are, and of how many the likeliest class is right."""

    def right(answers: Answers) -> int:
        likeliest = [max(LABELS, key=answers[text].__getitem__) for text in frame["text"]]
        return sum(name == LABELS[label] for name, label in zip(likeliest, frame["label"], strict=True))

    return {"count": len(frame), "right_before": right(before), "right_after": right(after)}


def _changes(before: Answers, after: Answers) -> dict[str, Any]:
    pairs = Counter((before[text]["label"], after[text]["label"]) for text in before)
    moved = [{"from": a, "to": b, "count": count} for (a, b), count in pairs.most_common() if a != b]
    return {"texts": len(before), "changed": sum(pair["count"] for pair in moved), "labels": moved}


def _largest(before: Answers, after: Answers) -> list[dict[str, Any]]:
    """The texts whose score changes most, personal data masked."""
    distance = {text: abs(after[text]["score"] - before[text]["score"]) for text in before}
    largest = sorted((text for text in before if distance[text]), key=distance.__getitem__, reverse=True)
    return [
        {
            "text": mask(text)[:LONGEST],
            **{
                name: {"label": answers[text]["label"], "score": round(answers[text]["score"], 4)}
                for name, answers in (("before", before), ("after", after))
            },
        }
        for text in largest[:SHOWN]
    ]


def _against(validation: Mapping[str, Any], corrections: Mapping[str, Mapping[str, int]]) -> list[str]:
    """What speaks against a new model, one sentence each."""
    found = falls(validation["after"], validation["before"], "the validation rows")
    if validation["after"]["rows"] < FEWEST:
        found.append(
            f"{validation['after']['rows']} validation rows are too few to tell, {FEWEST} are needed"
        )
    before, after = (
        sum(part[f"right_{when}"] for part in corrections.values()) for when in ("before", "after")
    )
    if after < before:
        found.append(f"corrections that are right fall from {before} to {after}")
    return found
