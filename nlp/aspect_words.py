"""The words that the rules for aspects know, and where they stand in a text."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from nlp.lexicons import modifiers
from nlp.normalise import fold

SIGNS = {"negative": -1, "neutral": 0, "positive": 1}


@dataclass(slots=True)
class Word:
    """What a word of the lexicon can be; several at once."""

    branch: str | None = None
    """Branch whose aspect this word names: a category, or "category/part" with opinion words of its own."""
    head: bool = False
    """Whether it may only complete another aspect: 速度 in 快递的速度."""
    polarity: int | None = None
    polarity_in: dict[str, int] = field(default_factory=dict)
    implies: str | None = None
    modifiers: set[str] = field(default_factory=set)
    size: bool = False

    @property
    def is_opinion(self) -> bool:
        """Whether the word can judge something."""
        return self.polarity is not None or bool(self.polarity_in) or self.size


@dataclass(frozen=True, slots=True)
class Token:
    """A known word at `text[start:end]`."""

    start: int
    end: int
    word: Word


class AspectWords:
    """Longest-match scanner for the words of an aspect tree and of the modifiers.

    Parameters
    ----------
    tree : dict
        As in `nlp/lexicons/aspects.json`.
    """

    def __init__(self, tree: dict[str, Any]) -> None:
        self._words = _index(tree)
        self.categories = list(dict.fromkeys(b["category"].partition("/")[0] for b in tree["tree"]))
        lengths: dict[str, set[int]] = {}
        for text in self._words:
            lengths.setdefault(text[0], set()).add(len(text))
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}

    def tokens(self, text: str, start: int, end: int) -> Iterator[Token]:
        """Yield the known words of `text[start:end]` from left to right, the longest at each place.

        Parameters
        ----------
        text : str
            Folded text.
        start, end : int
            The part to read.
        """
        while start < end:
            stop = start + 1
            for length in self._lengths.get(text[start], ()):
                word = self._words.get(text[start : start + length])
                if word is not None and start + length <= end and _stands_alone(text, start, start + length):
                    stop = start + length
                    yield Token(start, stop, word)
                    break
            start = stop


def _index(tree: dict[str, Any]) -> dict[str, Word]:
    words: dict[str, Word] = {}

    def word(text: str) -> Word:
        return words.setdefault(fold(text), Word())

    for text in tree["ignored"]:
        word(text)
    for kind, members in modifiers().items():
        for text in members:
            word(text).modifiers.add(kind)
    for name, members in tree["opinions"].items():
        for text in members:
            word(text).polarity = SIGNS[name]
    for text in tree["sizes"]:
        word(text).size = True
    for text in tree["heads"]:
        word(text).head = True
    for branch in tree["tree"]:
        _add_branch(branch, word)
    return words


def _add_branch(branch: dict[str, Any], word: Callable[[str], Word]) -> None:
    name = branch["category"]
    for text in branch["aspects"]:
        word(text).branch = name
    for polarity in ("positive", "negative"):
        for text in branch[polarity]:
            word(text).polarity_in[name] = SIGNS[polarity]
        for text in branch["implies"][polarity]:
            found = word(text)
            found.implies = name
            found.polarity_in[name] = SIGNS[polarity]
            if found.polarity is None:
                found.polarity = SIGNS[polarity]


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Tell whether `text[start:end]` is Chinese, or not a part of a longer Latin word."""
    if not text[start].isascii():
        return True
    around = text[start - 1 : start] + text[end : end + 1]
    return not any(character.isascii() and character.isalnum() for character in around)
