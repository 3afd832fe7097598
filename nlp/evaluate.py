"""Measure the sentiment engine on labelled texts, through the road every review takes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from nlp.reading import ReadError
from nlp.sentiment import LABELS

if TYPE_CHECKING:
    from nlp.pipeline import Analyzer

NEGATIVE, NEUTRAL, POSITIVE = range(3)
NAMES = {
    "0": NEGATIVE,
    "1": POSITIVE,
    "negative": NEGATIVE,
    "neutral": NEUTRAL,
    "positive": POSITIVE,
    "负面": NEGATIVE,
    "中性": NEUTRAL,
    "正面": POSITIVE,
}
BINS = 15
Z_95 = 1.959964

_Integers = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]


class LabelError(ReadError):
    """A labelled file lacks a column or has labels that are none of `NAMES`."""


def sentiment_report(
    path: Path | str,
    text_column: str = "text",
    label_column: str = "label",
    source_column: str = "source",
    engine: str = "accurate",
    threads: int = 1,
) -> dict[str, Any]:
    """Accuracy, precision, recall, F1 and calibration of an engine on a file.

    Where no label of the file is neutral, the sign of the score decides
    between the two classes; otherwise the likeliest of three does.

    Parameters
    ----------
    path : Path or str
        CSV file, ``.gz`` too. Labels as in `NAMES`.
    text_column, label_column, source_column : str
        The last may be absent from the file.
    engine : str
        Name of a bundled model.
    threads : int

    Returns
    -------
    dict
        JSON-serialisable: `measures` of the whole file and ``by_source``.

    Raises
    ------
    LabelError
    """
    from nlp.pipeline import Analyzer

    frame = read_labelled(Path(path), text_column, label_column)
    analyzer = Analyzer.load(engine, threads=threads)
    labels = frame[label_column].to_numpy(np.int64)
    report: dict[str, Any] = {"file": Path(path).name, "engine": engine, "analyzer": analyzer.version}
    began = time.perf_counter()
    probabilities, uncertain = score(analyzer, frame[text_column].tolist())
    report["reviews_per_s"] = round(len(frame) / max(time.perf_counter() - began, 1e-9), 1)
    classes = sorted(set(labels.tolist()) | {NEGATIVE, POSITIVE})
    report |= measures(labels, probabilities, uncertain, classes)
    if source_column in frame:
        places = frame.groupby(source_column).indices
        report["by_source"] = {
            str(source): measures(labels[rows], probabilities[rows], uncertain[rows], classes)
            for source, rows in sorted(places.items(), key=str)
        }
    return report


def read_labelled(path: Path, text_column: str, label_column: str) -> pd.DataFrame:
    """Read a CSV file and turn its labels into 0 negative, 1 neutral, 2 positive.

    Raises
    ------
    LabelError
        Naming the missing columns, or the first rows with unknown labels.
    """
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise LabelError(f"{path}: cannot be read: {error}") from error
    missing = [name for name in (text_column, label_column) if name not in frame]
    if missing:
        raise LabelError(
            f"{path}: no column {', '.join(missing)}; the columns are {', '.join(map(str, frame.columns))}"
        )
    labels = frame[label_column].str.strip().str.lower().map(NAMES)
    if labels.isna().any() or frame.empty:
        rows = [int(i) + 1 for i in np.flatnonzero(labels.isna())[:5]]
        raise LabelError(f"{path}: rows {rows} have labels that are none of {', '.join(NAMES)}")
    return frame.assign(**{label_column: labels.astype(int)})


def score(analyzer: Analyzer, texts: Sequence[str]) -> tuple[_Floats, npt.NDArray[np.bool_]]:
    """Probabilities of shape ``(n, 3)``, and which texts are called uncertain."""
    results = [row["sentiment"] for row in analyzer(texts, only=["sentiment"])]
    probabilities = np.array([[row[name] for name in LABELS] for row in results], np.float64)
    return probabilities, np.array([row["label"] == "uncertain" for row in results])


def measures(
    labels: _Integers, probabilities: _Floats, uncertain: npt.NDArray[np.bool_], classes: Sequence[int]
) -> dict[str, Any]:
    """Every measure of one set of texts.

    Parameters
    ----------
    labels : ndarray of shape (n,)
    probabilities : ndarray of shape (n, 3)
    uncertain : ndarray of shape (n,), bool
    classes : sequence of int
        Classes told apart; probabilities of the others are left out.
    """
    among = probabilities[:, list(classes)]
    among = among / np.maximum(among.sum(1, keepdims=True), 1e-12)
    predicted = np.asarray(classes)[among.argmax(1)]
    right = predicted == labels
    by_class = {LABELS[c]: class_measures(labels == c, predicted == c) for c in classes}
    certain = right[~uncertain]
    points = reliability(among.max(1), right)
    return {
        "rows": len(labels),
        "accuracy": round(float(right.mean()), 4),
        "accuracy_ci": wilson(int(right.sum()), len(right)),
        "macro_f1": round(float(np.mean([m["f1"] for m in by_class.values()])), 4),
        "by_class": by_class,
        "calibration_error": calibration_error(points),
        "reliability": points,
        "uncertain": round(float(uncertain.mean()), 4),
        "accuracy_certain": round(float(certain.mean()), 4) if len(certain) else None,
    }


def class_measures(actual: npt.NDArray[np.bool_], predicted: npt.NDArray[np.bool_]) -> dict[str, float]:
    """Precision, recall and F1 of one class, and how many texts have it."""
    hits = int((actual & predicted).sum())
    precision = hits / max(int(predicted.sum()), 1)
    recall = hits / max(int(actual.sum()), 1)
    f1 = 2 * hits / max(int(predicted.sum() + actual.sum()), 1)
    values = {"precision": precision, "recall": recall, "f1": f1}
    return {name: round(value, 4) for name, value in values.items()} | {"support": int(actual.sum())}


def wilson(hits: int, total: int) -> list[float]:
    """95% interval of a share (Wilson, 1927)."""
    share, z = hits / total, Z_95
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * ((share * (1 - share) / total + z * z / (4 * total**2)) ** 0.5)
    return [round(centre - half, 4), round(centre + half, 4)]


def reliability(confidence: _Floats, right: npt.NDArray[np.bool_]) -> list[dict[str, float]]:
    """Points of a reliability diagram, one for each of `BINS` equal bins that holds a text.

    Returns
    -------
    list of dict
        ``confidence`` (mean), ``accuracy`` and ``share`` of the texts.
    """
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    points = []
    for inside in (bins == b for b in np.unique(bins)):
        point = {
            "confidence": confidence[inside].mean(),
            "accuracy": right[inside].mean(),
            "share": inside.mean(),
        }
        points.append({name: round(float(value), 6) for name, value in point.items()})
    return points


def calibration_error(points: Sequence[dict[str, float]]) -> float:
    """Expected calibration error of a reliability diagram (Guo et al., 2017)."""
    return round(sum(abs(point["confidence"] - point["accuracy"]) * point["share"] for point in points), 4)
