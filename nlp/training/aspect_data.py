"""Read labelled aspects, and find where each aspect and opinion stands in its text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from nlp.aspect_evaluate import read_aspects
from nlp.aspect_rules import Aspect, AspectRules
from nlp.aspect_spans import Span, locate
from nlp.evaluate import LabelError
from nlp.training.data import is_aspect_test

VALIDATION_EVERY = 25
"""One text in this many, of those trained on, only chooses thresholds."""
READ_BY_RULES = 600
"""Texts of other goods to take for each category that rules find in them."""
_LONGEST = 100
"""Characters of such a text: rules go wrong in long ones."""


class Pair(NamedTuple):
    """An aspect and an opinion about it; either may be absent, not both.

    Attributes
    ----------
    aspect, opinion : (int, int) or None
        Places in the text.
    polarity : int or None
        0 negative, 1 neutral, 2 positive; None where nobody said it.
    category : str or None
        Category of the tree, where file or tree say it.
    """

    aspect: Span | None
    opinion: Span | None
    polarity: int | None
    category: str | None


@dataclass(frozen=True)
class LabelledText:
    """A review and what is said in it.

    Attributes
    ----------
    text : str
    pairs : tuple of Pair
    has_opinions : bool
        Whether the file marks opinions at all.
    complete : bool
        Whether all that is said was marked, and nothing else.
    """

    text: str
    pairs: tuple[Pair, ...]
    has_opinions: bool
    complete: bool = True


def read_training(path: Path, rules: AspectRules) -> list[LabelledText]:
    """Labelled texts of a file, those kept for testing left out.

    Parameters
    ----------
    path : Path
        As `read_aspects` reads it.
    rules : AspectRules
        Say the category of aspects where the file does not.

    Raises
    ------
    LabelError
    """
    frame = read_aspects(path)
    has_opinions = bool((frame["opinion"] != "").any())
    pairs: dict[str, dict[Pair, None]] = {}
    for text, aspect, opinion, category, polarity in frame.itertuples(index=False):
        places = locate(text, aspect, opinion)
        if any(places):
            pair = Pair(*places, polarity, category or rules.category(aspect, opinion))
            pairs.setdefault(text, {})[pair] = None
    return [
        LabelledText(text, tuple(found), has_opinions)
        for text, found in pairs.items()
        if not is_aspect_test(text)
    ]


def read_by_rules(paths: Iterable[Path], rules: AspectRules, seed: int = 0) -> list[LabelledText]:
    """Reviews of other goods with what rules find in them, to learn which words name which category.

    For each category the first `READ_BY_RULES` texts in a random order are taken, so that frequent ones do
    not crowd out the others. Polarities are not taken from rules.

    Parameters
    ----------
    paths : iterable of Path
        CSV files with a column ``text``.
    rules : AspectRules
    seed : int

    Raises
    ------
    LabelError
        When a file has no such column.
    """
    texts = list(dict.fromkeys(text for path in paths for text in _texts(path)))
    taken: Counter[str] = Counter()
    chosen = []
    for place in np.random.default_rng(seed).permutation(len(texts)):
        text = texts[place]
        found = rules.find(text)
        rare = {aspect.category for aspect in found if taken[aspect.category] < READ_BY_RULES}
        if rare and not is_aspect_test(text):
            taken.update(rare)
            pairs = dict.fromkeys(_by_rule(text, aspect) for aspect in found)
            chosen.append(LabelledText(text, tuple(pairs), has_opinions=True, complete=False))
    return chosen


def _texts(path: Path) -> list[str]:
    frame = pd.read_csv(path, usecols=lambda name: name == "text", dtype=str, keep_default_na=False)
    if "text" not in frame:
        raise LabelError(f"{path}: no column text")
    return [text for text in frame["text"] if len(text) <= _LONGEST]


def _by_rule(text: str, aspect: Aspect) -> Pair:
    named, said = locate(text, aspect.aspect, aspect.opinion)
    return Pair(named, said, None, aspect.category)


def split(texts: Sequence[LabelledText]) -> tuple[list[LabelledText], list[LabelledText]]:
    """Part texts into those to learn from and those that choose thresholds."""
    return (
        [text for i, text in enumerate(texts) if i % VALIDATION_EVERY],
        [text for i, text in enumerate(texts) if i % VALIDATION_EVERY == 0],
    )
