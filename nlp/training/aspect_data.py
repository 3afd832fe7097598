"""Read labelled aspects, and find where each aspect and opinion stands in its text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from nlp.aspect_evaluate import read_aspects
from nlp.aspect_rules import AspectRules
from nlp.aspect_spans import Span, locate
from nlp.training.data import is_aspect_test

VALIDATION_EVERY = 25
"""One text in this many, of those trained on, only chooses thresholds."""


class Pair(NamedTuple):
    """An aspect and an opinion about it; either may be absent, not both.

    Attributes
    ----------
    aspect, opinion : (int, int) or None
        Places in the text.
    polarity : int
        0 negative, 1 neutral, 2 positive.
    category : str or None
        Category of the tree, where file or tree say it.
    """

    aspect: Span | None
    opinion: Span | None
    polarity: int
    category: str | None


@dataclass(frozen=True)
class LabelledText:
    """A review, everything said in it, and whether the file marks opinions at all."""

    text: str
    pairs: tuple[Pair, ...]
    has_opinions: bool


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


def split(texts: Sequence[LabelledText]) -> tuple[list[LabelledText], list[LabelledText]]:
    """Part texts into those to learn from and those that choose thresholds."""
    return (
        [text for i, text in enumerate(texts) if i % VALIDATION_EVERY],
        [text for i, text in enumerate(texts) if i % VALIDATION_EVERY == 0],
    )
