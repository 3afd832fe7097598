"""Labelled texts as tokens, marks and candidate pairs to learn from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tokenizers import Tokenizer

from nlp.aspect_model import MAX_TOKENS
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
    keep = vocabulary.choose_tokens(pieces, counts, frozenset(latin), latin_count=1500)
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
    def tokens(span: Span | None) -> Span | None:
        if span is None:
            return None
        inside = [i for i, (a, b) in enumerate(offsets) if a < b and a < span[1] and b > span[0]]
        return (inside[0], inside[-1]) if inside else None

    known = {}
    for pair in text.pairs:
        placed = tokens(pair.aspect), tokens(pair.opinion)
        if (placed[0] is None) == (pair.aspect is None) and (placed[1] is None) == (pair.opinion is None):
            known[placed] = pair
    aspects = sorted({aspect for aspect, _ in known if aspect})
    opinions = sorted({opinion for _, opinion in known if opinion})
    opinion_marks = marks(opinions, len(ids)) if text.has_opinions else [IGNORED] * len(ids)
    candidates = [_candidate(a, o, known, number) for a in [None, *aspects] for o in opinions]
    candidates += [_alone(a, known, number, text.has_opinions) for a in aspects]
    return Row(ids, (marks(aspects, len(ids)), opinion_marks), candidates)


Known = dict[tuple[Span | None, Span | None], Pair]


def _candidate(aspect: Span | None, opinion: Span, known: Known, number: dict[str, int]) -> Candidate:
    pair = known.get((aspect, opinion))
    if pair is None:
        return Candidate(aspect, opinion, 0)
    return Candidate(aspect, opinion, 1, pair.polarity, number.get(pair.category or "", IGNORED))


def _alone(aspect: Span, known: Known, number: dict[str, int], has_opinions: bool) -> Candidate:
    """An aspect by itself: the polarity that all opinions about it share is its own."""
    pairs = [pair for (about, _), pair in known.items() if about == aspect]
    polarities = {pair.polarity for pair in pairs}
    category = number.get(pairs[0].category or "", IGNORED)
    link = int((aspect, None) in known) if has_opinions else IGNORED
    return Candidate(aspect, None, link, polarities.pop() if len(polarities) == 1 else IGNORED, category)
