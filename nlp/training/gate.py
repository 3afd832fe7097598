"""Let a new model take the place of an old one only if it is not worse."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MEASURES = ("accuracy", "macro_f1")
CALIBRATION = 0.03
"""Expected calibration error above which no model is published."""

Results = Mapping[str, Mapping[str, Any]]


class WorseModel(Exception):
    """The new model does worse than the one it would replace; the message says where."""


def faults(new: Results, old: Results | None) -> list[str]:
    """What speaks against a new model, one sentence each.

    Parameters
    ----------
    new, old : mapping of str to measures
        By file or source, as `nlp.training.card.evaluate`; the first key is
        the whole. Without an old model (None) only the calibration counts.
    """
    whole = next(iter(new), None)
    if whole is None:
        return ["no file was held out, so nothing shows that it is not worse"] if old is not None else []
    found = []
    if new[whole]["calibration_error"] > CALIBRATION:
        found.append(f"calibration error {new[whole]['calibration_error']} is above {CALIBRATION}")
    return found + falls(new[whole], (old or {}).get(whole, {}), whole)


def falls(new: Mapping[str, Any], old: Mapping[str, Any], where: str) -> list[str]:
    """Which of `MEASURES` are lower than they were, one sentence each."""
    return [
        f"{measure} on {where} falls from {old[measure]} to {new[measure]}"
        for measure in MEASURES
        if measure in old and new[measure] < old[measure]
    ]


def publish(folder: Path, place: Path, new: Results, old: Results | None) -> None:
    """Copy a model folder over the published one.

    Raises
    ------
    WorseModel
    """
    against = faults(new, old)
    if against:
        raise WorseModel("; ".join(against))
    place.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        shutil.copyfile(path, place / path.name)
