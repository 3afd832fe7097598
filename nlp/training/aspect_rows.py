"""Labelled texts as tokens, marks and candidate pairs to learn from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from nlp.aspect_model import MAX_TOKENS, Piece
from nlp.aspect_spans import Span, marks
from nlp.normalise import fold
from nlp.training import vocabulary
from nlp.training.aspect_data import LabelledText, Pair

IGNORED = -100
"""Label of what a text does not say; takes no part in the loss."""


@dataclass(frozen=True)
class Candidate:
    """A pair of token spans and what is known of it.

    Attributes
    ----------
    aspect, opinion : (int, int) or None
        First and last token.
    link : int
        Whether they belong together: 0, 1 or `IGNORED`.
    polarity, category : int
        Class, or `IGNORED`.
    """

    aspect: Span | None
    opinion: Span | None
    link: int
    polarity: int = IGNORED
    category: int = IGNORED


@dataclass(frozen=True)
class Row:
    """A text as the network reads it.

    Attributes
    ----------
    ids : list of int
    marks : list of (list of int, list of int)
        Of aspects and of opinions, for each token; `IGNORED` where unknown.
    candidates : list of Candidate
        True pairs, wrong pairs of true spans, and pairs with a wrong span.
    """

    ids: list[int]
    marks: tuple[list[int], list[int]]
    candidates: list[Candidate]


def cut_vocabulary(
    document: dict[str, Any], texts: Sequence[str], latin: Iterable[str]
) -> tuple[Any, list[int]]:
    """A tokenizer that reads Chinese character by character, and the ids of its pieces in the old one.

    A piece of two characters may hold the end of an aspect and the beginning
    of an opinion; single characters let every span be marked.

    Parameters
    ----------
    document : dict
        A tokenizer as `vocabulary.cut_tokenizer` makes it.
    texts : sequence of str
        Texts that show which other pieces are needed.
    latin : iterable of str
        Pieces for foreign words.
    """
    single = {"type": "Split", "pattern": {"Regex": r"\p{Han}"}, "behavior": "Isolated", "invert": False}
    split = {"type": "Sequence", "pretokenizers": [document["pre_tokenizer"], single]}
    document = {**document, "pre_tokenizer": split}
    tokenizer = Tokenizer.from_str(json.dumps(document))
    counts = vocabulary.count_tokens(tokenizer, [fold(text) for text in texts])
    pieces = [piece for piece, _ in document["model"]["vocab"]]
    keep = vocabulary.choose_tokens(pieces, counts, frozenset(latin), latin_count=1000)
    return vocabulary.cut_tokenizer(document, keep), keep


def rows(texts: Sequence[LabelledText], document: dict[str, Any], categories: Sequence[str]) -> list[Row]:
    """Rows of labelled texts, in their order.

    Parameters
    ----------
    texts : sequence of LabelledText
    document : dict
        The tokenizer.
    categories : sequence of str
        Names in the order of their class numbers.
    """
    tokenizer = Tokenizer.from_str(json.dumps(document))
    tokenizer.enable_truncation(MAX_TOKENS)
    encodings = tokenizer.encode_batch([fold(text.text) for text in texts])
    number = {name: i for i, name in enumerate(categories)}
    return [_row(text, e.ids, e.offsets, number) for text, e in zip(texts, encodings, strict=True)]


def _row(text: LabelledText, ids: list[int], offsets: list[Span], number: dict[str, int]) -> Row:
    piece = Piece(0, ids, offsets)
    known = {}
    for pair in text.pairs:
        if placed := piece.anchored((pair.aspect, pair.opinion)):
            known[placed] = pair
    aspects = sorted({aspect for aspect, _ in known if aspect})
    opinions = sorted({opinion for _, opinion in known if opinion})
    unknown = [IGNORED] * len(ids)
    aspect_marks = marks(aspects, len(ids)) if text.complete else unknown
    all_marked = text.complete and text.has_opinions
    opinion_marks = marks(opinions, len(ids)) if all_marked else unknown
    candidates = [_candidate(a, o, known, number) for a in [None, *aspects] for o in opinions]
    candidates += [_alone(a, known, number, all_marked) for a in aspects]
    if all_marked:
        chance = np.random.default_rng(ids)
        wrong = _near(opinions, len(ids), chance)
        candidates += [Candidate(a, o, 0) for a in [None, *aspects] for o in wrong]
        wrong = _near(aspects, len(ids), chance)
        candidates += [Candidate(a, o, 0) for a in wrong for o in [None, *opinions]]
    return Row(ids, (aspect_marks, opinion_marks), candidates)


Known = dict[tuple[Span | None, Span | None], Pair]


def _candidate(aspect: Span | None, opinion: Span, known: Known, number: dict[str, int]) -> Candidate:
    pair = known.get((aspect, opinion))
    if pair is None:
        return Candidate(aspect, opinion, 0)
    return Candidate(aspect, opinion, 1, _polarity([pair]), number.get(pair.category or "", IGNORED))


def _polarity(pairs: Sequence[Pair]) -> int:
    """The polarity that pairs share, or `IGNORED`."""
    (shared, *others) = {pair.polarity for pair in pairs}
    return IGNORED if others or shared is None else shared


def _near(found: Sequence[Span], tokens: int, chance: np.random.Generator) -> list[Span]:
    """Spans that a reader may mark by mistake: right ones with an end moved, and one anywhere."""
    shifts = chance.integers(-1, 2, (len(found), 2)).tolist()
    moved = [(a + i, b + j) for (a, b), (i, j) in zip(found, shifts, strict=True)]
    first, length = chance.integers((1, 0), (max(tokens - 1, 2), 4)).tolist()
    moved.append((first, first + length))
    return [(a, b) for a, b in moved if 0 < a <= b < tokens - 1 and (a, b) not in found]


def _alone(aspect: Span, known: Known, number: dict[str, int], all_marked: bool) -> Candidate:
    """An aspect by itself: the polarity that all opinions about it share is its own."""
    pairs = [pair for (about, _), pair in known.items() if about == aspect]
    category = number.get(pairs[0].category or "", IGNORED)
    link = int((aspect, None) in known) if all_marked else IGNORED
    return Candidate(aspect, None, link, _polarity(pairs), category)
