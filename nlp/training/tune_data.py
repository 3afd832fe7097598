"""A shop's own rows for tuning: labels, corrections of single answers, and texts without a label."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nlp.informal import spelled_out
from nlp.normalise import normalise
from nlp.reading import ReadError, texts
from nlp.sentiment import SentimentClassifier
from nlp.suspect import is_default_text
from nlp.training.data import TrainingDataError, clean, read_labelled, split, text_key
from nlp.training.distil import one_hot

VALIDATION = 0.2
"""Share of the rows, chosen by a hash of the text, that are measured on and never trained on."""
OLD_WEIGHT = 0.2
"""Share of the old model's word in the target of a labelled text; a correction has none of it."""
CORRECTION_COPIES = 3
"""How many labelled rows a correction counts for."""
TEXTS_PER_ROW = 1
"""Texts without a label, learnt as the old model reads them, for each row with one."""

Rows = list[list[int]]
Targets = NDArray[np.float32]


@dataclass(frozen=True)
class ShopRows:
    """What a shop gives.

    Attributes
    ----------
    train, validation : DataFrame
        ``text`` (normalised), ``label`` (0 negative, 1 neutral, 2 positive),
        ``key`` and ``corrected`` (bool: whether the label is a correction).
    texts : list of str
        Normalised texts without a label; none of them is a validation row.
    counts : dict of str to int
        Rows read, dropped and used.
    """

    train: pd.DataFrame
    validation: pd.DataFrame
    texts: list[str]
    counts: dict[str, int]

    @property
    def labelled(self) -> pd.DataFrame:
        """All rows that have a label."""
        return pd.concat([self.train, self.validation], ignore_index=True)


def read_rows(files: Sequence[Path], corrections: Path | None, unlabelled: Path | None) -> ShopRows:
    """Read and part what a shop gives.

    A correction wins over every label of the same text, the last one over
    earlier ones. Texts that two labels contradict each other on are dropped.

    Parameters
    ----------
    files : sequence of Path
        As `nlp.training.data.read_labelled`.
    corrections : Path or None
        The same columns.
    unlabelled : Path or None
        Column ``text`` of a CSV or JSON-lines file, or a text a line.

    Raises
    ------
    TrainingDataError
        If a file cannot be read, or too little is left to train and to validate on.
    """
    fixed = _keyed([corrections] if corrections else []).drop_duplicates("key", keep="last")
    given = _keyed(files)
    overruled = given["key"].isin(fixed["key"])
    labelled, report = clean(given[~overruled], held_out=[])
    rows = pd.concat([labelled.assign(corrected=False), fixed.assign(corrected=True)], ignore_index=True)
    train, validation = split(rows, VALIDATION)
    if train.empty or validation.empty:
        raise TrainingDataError(
            f"{len(train)} rows to train and {len(validation)} to validate on are too few: "
            "give some tens of labels or corrections"
        )
    others = _texts(unlabelled, set(validation["key"])) if unlabelled else []
    counts = {
        "labelled": len(given),
        "corrections": len(fixed),
        "overruled by a correction": int(overruled.sum()),
        "duplicates": report.duplicates,
        "contradictions": report.contradictions,
        "texts": len(others),
        "train": len(train),
        "validation": len(validation),
    }
    return ShopRows(train, validation, others, counts)


def lessons(data: ShopRows, old: SentimentClassifier) -> tuple[Rows, Targets]:
    """Token rows to train on and the probabilities to learn, shape ``(n, 3)``.

    A label is mixed with what the old model says (Li & Hoiem, 2018, *Learning
    without Forgetting*); a correction stands alone, `CORRECTION_COPIES` times.
    Texts without a label keep the old model's word.
    """
    train = data.train
    corrected = train["corrected"].to_numpy(bool)
    labels, said = one_hot(train["label"].to_numpy()), probabilities(old, train["text"])
    targets = np.where(corrected[:, None], labels, (1 - OLD_WEIGHT) * labels + OLD_WEIGHT * said)
    copies = np.repeat(np.arange(len(train)), np.where(corrected, CORRECTION_COPIES, 1))
    reminders = data.texts[:: math.ceil(len(data.texts) / (TEXTS_PER_ROW * len(copies))) or 1]
    rows = token_rows(old, [*train["text"].iloc[copies], *reminders])
    targets = np.concatenate([targets[copies], probabilities(old, reminders)])
    readable = [place for place, row in enumerate(rows) if row]
    return [rows[place] for place in readable], targets[readable]


def token_rows(model: SentimentClassifier, found: Iterable[str]) -> Rows:
    """Token ids of normalised texts as the analyser hands them to the model; none for an unreadable one."""
    return model.tokenise([spelled_out(text) for text in found])


def probabilities(model: SentimentClassifier, found: Iterable[str]) -> Targets:
    """What a model says of normalised texts, shape ``(n, 3)``."""
    return model.predict_proba([spelled_out(text) for text in found])


def _keyed(files: Sequence[Path]) -> pd.DataFrame:
    """Rows of labelled files in which a shopper says something, with their ``key``."""
    none = pd.DataFrame({"source": [""], "text": [""], "label": [0]})
    frame = pd.concat([none, *map(read_labelled, files)], ignore_index=True)
    frame = frame[[bool(text) and not is_default_text(text) for text in frame["text"]]]
    return frame.assign(key=frame["text"].map(text_key)).reset_index(drop=True)


def _texts(path: Path, seen: set[str]) -> list[str]:
    """Different texts of a file in which a shopper says something, without those whose key was seen."""
    found: dict[str, str] = {}
    try:
        for text in map(normalise, texts(str(path), "text")):
            if text and not is_default_text(text) and (key := text_key(text)) not in seen:
                found.setdefault(key, text)
    except ReadError as error:
        raise TrainingDataError(str(error)) from error
    return list(found.values())
