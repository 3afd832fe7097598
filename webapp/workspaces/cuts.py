"""Two ways to cut the same words, with what differs between them marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile


@dataclass(frozen=True)
class Cut:
    """A piece of a review as it is cut before and after a change.

    Attributes
    ----------
    before, after
        Words, and whether each is part of the difference.
    """

    before: list[tuple[str, bool]]
    after: list[tuple[str, bool]]


def cut(before: Sequence[str], after: Sequence[str]) -> Cut:
    """Mark the words between what both begin and end with.

    Examples
    --------
    >>> cut(["很", "冰丝", "凉感", "好"], ["很", "冰丝凉感", "好"]).after
    [('很', False), ('冰丝凉感', True), ('好', False)]
    """
    first = _alike(before, after)
    last = min(_alike(before[::-1], after[::-1]), min(len(before), len(after)) - first)
    return Cut(*(_marked(words, first, len(words) - last) for words in (before, after)))


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    return len(list(takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))))


def _marked(words: Sequence[str], first: int, end: int) -> list[tuple[str, bool]]:
    return [(word, first <= place < end) for place, word in enumerate(words)]
