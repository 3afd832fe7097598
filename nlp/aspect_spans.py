"""Spans of a text as marks of its tokens, and back; how far two spans are apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

MARKS = ("outside", "begin", "inside", "end", "single")
"""What a token can be to a span."""
OUTSIDE, BEGIN, INSIDE, END, SINGLE = range(len(MARKS))

_FOLLOWS = np.array(
    [
        # outside begin inside end single: may the mark of a column follow the mark of a row?
        [1, 1, 0, 0, 1],
        [0, 0, 1, 1, 0],
        [0, 0, 1, 1, 0],
        [1, 1, 0, 0, 1],
        [1, 1, 0, 0, 1],
    ],
    bool,
)
_FORBIDDEN = -1e4
_STEPS = 7
DISTANCES = 2 * _STEPS + 2
"""Buckets of the distance between two spans: after, before, overlapping, one of them absent."""

Span = tuple[int, int]


def best_marks(logits: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.int64]:
    """The likeliest sequences of marks in which every span begins and ends (Viterbi, 1967).

    Parameters
    ----------
    logits : ndarray of shape (rows, tokens, marks)
        Padding must favour "outside".

    Returns
    -------
    ndarray of shape (rows, tokens), int64
    """
    rows, tokens, marks = logits.shape
    steps = np.where(_FOLLOWS, 0.0, _FORBIDDEN)
    score = logits[:, 0] + np.where(_FOLLOWS[OUTSIDE], 0.0, _FORBIDDEN)
    back = np.zeros((tokens, rows, marks), np.int64)
    for token in range(1, tokens):
        reached = score[:, :, None] + steps
        back[token] = reached.argmax(1)
        score = reached.max(1) + logits[:, token]
    found = np.zeros((rows, tokens), np.int64)
    found[:, -1] = (score + np.where(_FOLLOWS[:, OUTSIDE], 0.0, _FORBIDDEN)).argmax(1)
    for token in range(tokens - 1, 0, -1):
        found[:, token - 1] = back[token, np.arange(rows), found[:, token]]
    return found


def spans(marks: npt.NDArray[np.int64]) -> list[Span]:
    """First and last token of each span of a sequence of marks in which every span begins and ends."""
    firsts = np.flatnonzero((marks == BEGIN) | (marks == SINGLE))
    lasts = np.flatnonzero((marks == END) | (marks == SINGLE))
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def marks(found: list[Span], tokens: int) -> list[int]:
    """Marks of `tokens` tokens with the given spans (first and last token); of two that overlap the first."""
    row = [OUTSIDE] * tokens
    for first, last in found:
        if any(row[first : last + 1]):
            continue
        row[first : last + 1] = [INSIDE] * (last - first + 1)
        row[first], row[last] = (SINGLE, SINGLE) if first == last else (BEGIN, END)
    return row


def distance(aspect: Span | None, opinion: Span | None) -> int:
    """Bucket of the tokens between an aspect and an opinion, by powers of two and by which comes first.

    Examples
    --------
    >>> distance((0, 1), (2, 3)), distance((5, 6), (0, 1)), distance((0, 3), (2, 4)), distance(None, (0, 1))
    (0, 9, 14, 15)
    """
    if aspect is None or opinion is None:
        return DISTANCES - 1
    after, before = opinion[0] - aspect[1] - 1, aspect[0] - opinion[1] - 1
    if after < 0 and before < 0:
        return DISTANCES - 2
    gap = max(after, before)
    return min((gap + 1).bit_length() - 1, _STEPS - 1) + (0 if after >= 0 else _STEPS)


def locate(text: str, aspect: str, opinion: str) -> tuple[Span | None, Span | None]:
    """Where an aspect and an opinion stand in a text: of several occurrences the two nearest to each other.

    Parameters
    ----------
    text : str
    aspect, opinion : str
        "" where absent.

    Returns
    -------
    (start, end) or None, (start, end) or None
        None for what is absent or not in the text.

    Examples
    --------
    >>> locate("味道好，服务好", "服务", "好")
    ((4, 6), (6, 7))
    """
    pairs = [(a, o) for a in _occurrences(text, aspect) for o in _occurrences(text, opinion)]
    return min(pairs, key=_gap)


def _occurrences(text: str, part: str) -> list[Span | None]:
    starts = [i for i in range(len(text)) if text.startswith(part, i)] if part else []
    return [(start, start + len(part)) for start in starts] or [None]


def _gap(pair: tuple[Span | None, Span | None]) -> int:
    aspect, opinion = pair
    if aspect is None or opinion is None:
        return 0
    return max(opinion[0] - aspect[1], aspect[0] - opinion[1], 0)
