"""Read labelled reviews, and refuse what would spoil a measurement."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from nlp.evaluate import NAMES
from nlp.normalise import normalise
from nlp.reading import ReadError, encoding_of
from nlp.suspect import is_default_text

STARS = {1: 0, 3: 1, 5: 2}
"""Two and four stars say too little of the words beside them."""
ASPECT_TEST = 0.15
"""Share of the texts of an aspect file that no training sees."""


class TrainingDataError(ValueError):
    """A data file cannot be used for training."""


@dataclass
class DataReport:
    """Rows read, dropped and used.

    Attributes
    ----------
    read : int
    duplicates, contradictions, leaks : int
        Rows dropped: the same text and label again; texts that carry more
        than one label (all of their rows); texts that occur in the held-out
        files.
    train, validation : int
        Rows used.
    """

    read: int = 0
    duplicates: int = 0
    contradictions: int = 0
    leaks: int = 0
    train: int = 0
    validation: int = 0

    def as_dict(self) -> dict[str, int]:
        """The counts by name."""
        return asdict(self)


def text_key(text: str) -> str:
    """Letters and digits of a text, folded: equal keys mean the same review."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return "".join(c for c in folded if c.isalnum()) or text


def read_labelled(path: Path) -> pd.DataFrame:
    """Read one CSV file of labelled texts.

    Parameters
    ----------
    path : Path
        Columns ``text`` and one of ``polarity`` and ``label`` (both as in
        `nlp.evaluate.NAMES`: 0, 1, negative, 负面 …) and ``rating`` (1 to 5,
        of which 1, 3 and 5 are used); ``source`` optional. Of a file with a
        column ``aspect`` the texts kept for testing aspects are left out.

    Returns
    -------
    DataFrame
        ``source`` (str), ``text`` (str, normalised), ``label`` (int: 0 negative, 1 neutral, 2 positive).

    Raises
    ------
    TrainingDataError
        If the file cannot be read, or a column or a label is not one of these.
    """
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding=encoding_of(path))
    except (ReadError, ValueError) as error:
        raise TrainingDataError(f"{path.name} cannot be read: {error}") from error
    if "text" not in frame:
        raise TrainingDataError(f"{path.name} has no column text, only {list(frame.columns)}")
    if "aspect" in frame:
        frame = frame[[not is_aspect_test(text) for text in frame["text"]]]
    named = next((name for name in ("polarity", "label") if name in frame), None)
    if named:
        label = frame[named].str.strip().str.lower().map(NAMES)
    elif "rating" in frame:
        stars = pd.to_numeric(frame["rating"], errors="coerce")
        said = ~frame["text"].map(normalise).map(is_default_text)
        frame = frame[stars.isin(STARS) & said]
        label = stars.map(STARS)[frame.index]
    else:
        raise TrainingDataError(f"{path.name} has neither a column label nor polarity nor rating")
    if label.isna().any():
        lines = [int(i) + 2 for i in label.index[label.isna()][:5]]
        raise TrainingDataError(f"{path.name} has unknown labels in rows {lines}")
    source = frame["source"] if "source" in frame else path.name.split(".")[0]
    text = frame["text"].map(normalise)
    return pd.DataFrame({"source": source, "text": text, "label": label.astype(int)})


def is_aspect_test(text: str) -> bool:
    """Whether a text of an aspect file is kept for testing: a hash decides, in every training alike."""
    return _fraction(text_key(normalise(text))) >= 1 - ASPECT_TEST


def clean(frame: pd.DataFrame, held_out: Sequence[str]) -> tuple[pd.DataFrame, DataReport]:
    """Drop duplicates, contradictions and texts of the held-out files.

    Returns
    -------
    DataFrame, DataReport
        The frame gains ``key``.
    """
    report = DataReport(read=len(frame))
    frame = frame.assign(key=frame["text"].map(text_key))
    labels = frame.groupby("key")["label"].transform("nunique")
    report.contradictions = int((labels > 1).sum())
    frame = frame[labels == 1]
    repeated = frame.duplicated("key")
    report.duplicates = int(repeated.sum())
    frame = frame[~repeated]
    leaked = frame["key"].isin({text_key(text) for text in held_out})
    report.leaks = int(leaked.sum())
    return frame[~leaked].reset_index(drop=True), report


def split(frame: pd.DataFrame, share: float = 0.04) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Part `frame` into training and validation rows by a hash of the text.

    The hash makes a row stay on its side whatever other rows are added.
    """
    drawn = frame["key"].map(_fraction)
    return (
        frame[drawn >= share].reset_index(drop=True),
        frame[drawn < share].reset_index(drop=True),
    )


def load(paths: Sequence[Path], held_out: Sequence[Path]) -> tuple[pd.DataFrame, pd.DataFrame, DataReport]:
    """Training rows, validation rows and the report of both."""
    frame = pd.concat([read_labelled(path) for path in paths], ignore_index=True)
    unseen = [text for path in held_out for text in read_labelled(path)["text"]]
    frame, report = clean(frame, unseen)
    train, validation = split(frame)
    report.train, report.validation = len(train), len(validation)
    return train, validation, report


def _fraction(key: str) -> float:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") / 2**32
