"""Measure aspects against labelled files, by rule or learned, through the road every review takes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from nlp.aspect_spans import locate
from nlp.evaluate import NEUTRAL, LabelError, class_measures, read_labelled
from nlp.lexicons import aspect_categories
from nlp.sentiment import LABELS

if TYPE_CHECKING:
    from nlp.aspects import Aspect, AspectFinder

NOTHING = "_"
"""How files write an aspect that is only implied, or an opinion that is not put into words."""

_Facts = list[set[tuple[Any, ...]]]


def aspects_report(path: Path, finder: AspectFinder, test_split: bool = False) -> dict[str, Any]:
    """Measure a finder on a file of labelled aspects.

    The F1 of pairs and triplets is micro-averaged over exact matches: of the texts of the spans and the
    polarity, each counted once a review. An absent aspect or opinion matches only an absent one.

    Parameters
    ----------
    path : Path
        As `read_aspects` reads it.
    finder : AspectFinder
    test_split : bool
        Keep only the texts that no training of ours has seen.

    Returns
    -------
    dict
        JSON-serialisable; None or absent where the file lacks the columns. ``polarity_macro_f1`` is of the
        aspects given by their place alone (an aspect that is only implied: by that of the opinion).
        ``given_all`` repeats it beside the value without rows that are neutral; ``given_agreed`` leaves out
        aspects that the file calls by several polarities in one text, of which no single answer is right;
        ``given_with_opinion`` gives the row's opinion too. ``pair_f1_named`` leaves out implied aspects.

    Raises
    ------
    LabelError
    """
    frame = read_aspects(path)
    if test_split:
        from nlp.training.data import is_aspect_test

        frame = frame[frame["text"].map(is_aspect_test)]
    texts = list(dict.fromkeys(frame["text"]))
    finder.find("")  # reads the model from disk
    began = time.perf_counter()
    found = finder.find_all(texts)
    seconds = time.perf_counter() - began
    gold = _gold(frame, texts)
    read = [[_fact(aspect) for aspect in aspects] for aspects in found]
    report: dict[str, Any] = {"file": path.name, "rows": len(frame), "reviews": len(texts)}
    report |= _given(frame, finder)
    for name, keys, part in (
        ("pair_f1", ("aspect", "polarity"), None),
        ("pair_f1_named", ("aspect", "polarity"), "aspect"),
        ("triplet_f1", ("aspect", "opinion", "polarity"), None),
        ("category_polarity_f1", ("category", "polarity"), "category"),
    ):
        needed = keys[0] if name != "triplet_f1" else "opinion"
        measured = (frame[needed] != "").any()
        report[name] = micro_f1(_facts(gold, keys, part), _facts(read, keys, part)) if measured else None
    return report | {"reviews_per_s": round(len(texts) / max(seconds, 1e-9), 1)}


def micro_f1(gold: _Facts, found: _Facts) -> float:
    """F1 of all facts of all texts together."""
    hits = sum(len(one & other) for one, other in zip(gold, found, strict=True))
    return round(2 * hits / max(sum(map(len, gold)) + sum(map(len, found)), 1), 4)


def _gold(frame: pd.DataFrame, texts: Sequence[str]) -> list[list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = {text: [] for text in texts}
    for row in frame.to_dict("records"):
        named = {str(name): value for name, value in row.items()}
        rows[row["text"]].append({**named, "polarity": LABELS[row["polarity"]]})
    return list(rows.values())


def _fact(aspect: Aspect) -> dict[str, Any]:
    return {name: getattr(aspect, name) for name in ("aspect", "opinion", "category", "polarity")}


def _facts(rows: Sequence[Sequence[dict[str, Any]]], keys: Sequence[str], part: str | None) -> _Facts:
    """Sets of the named values of each text, of the rows that have a value for `part`."""
    return [{tuple(row[key] for key in keys) for row in said if part is None or row[part]} for said in rows]


def _given(frame: pd.DataFrame, finder: AspectFinder) -> dict[str, Any]:
    """Macro-F1 of the polarity of given aspects."""
    implied = frame["opinion"].where(frame["aspect"] == "", "")
    rows = frame.assign(implied=implied).drop_duplicates(["text", "aspect", "implied", "polarity"])
    columns = (rows[name] for name in ("text", "aspect", "opinion"))
    places = [locate(*row) for row in zip(*columns, strict=True)]
    rows = rows.assign(
        places=pd.Series(places, index=rows.index),
        disputed=rows.duplicated(["text", "aspect", "implied"], keep=False),
    )
    rows = rows[[any(place) for place in places]]
    agreed = rows[~rows["disputed"]]
    report: dict[str, Any] = {}
    given = {"all": (rows, True), "agreed": (agreed, True)}
    if (frame["opinion"] != "").any():
        given["with_opinion"] = (rows, False)
    for name, (chosen, alone) in given.items():
        anchors = [(a, None if a and alone else o) for a, o in chosen["places"]]
        said = np.array(finder.judge(chosen["text"].tolist(), anchors)).reshape(-1, len(LABELS))
        report[f"given_{name}"] = _judged(chosen["polarity"].to_numpy(), said)
    return {"polarity_macro_f1": report["given_all"]["macro_f1"], **report}


def _judged(truth: npt.NDArray[np.int64], said: npt.NDArray[np.float64]) -> dict[str, Any]:
    two = truth != NEUTRAL
    return {
        "rows": len(truth),
        "macro_f1": _macro_f1(truth, said.argmax(1)),
        "macro_f1_without_neutral": _macro_f1(truth[two], said[two][:, [0, 2]].argmax(1) * 2),
    }


def _macro_f1(truth: npt.NDArray[np.int64], said: npt.NDArray[np.int64]) -> float:
    classes = sorted(set(truth.tolist()))
    values = [class_measures(truth == c, said == c)["f1"] for c in classes]
    return round(float(np.mean(values)), 4) if values else 0.0


def read_aspects(path: Path) -> pd.DataFrame:
    """Read labelled aspects.

    Parameters
    ----------
    path : Path
        CSV, ``.gz`` too, with the columns ``text``, ``aspect`` and ``polarity`` (one of `NAMES`), and
        ``opinion`` and ``category`` where known. `NOTHING` or an empty field means absent.

    Returns
    -------
    DataFrame
        ``text, aspect, opinion, category, polarity``: absent aspects and opinions are "", categories are
        those of the tree or "", polarity is 0 negative, 1 neutral, 2 positive.

    Raises
    ------
    LabelError
        Naming the missing columns, or the first rows with unknown labels.
    """
    frame = read_labelled(path, "text", "polarity")
    if "aspect" not in frame:
        raise LabelError(f"{path}: no column aspect; the columns are {', '.join(frame.columns)}")
    for name in ("opinion", "category"):
        if name not in frame:
            frame[name] = ""
    known = aspect_categories()
    return pd.DataFrame(
        {
            "text": frame["text"],
            "aspect": frame["aspect"].replace(NOTHING, ""),
            "opinion": frame["opinion"].replace(NOTHING, ""),
            "category": frame["category"].map(lambda name: known.get(name, "")),
            "polarity": frame["polarity"].astype(int),
        }
    )
