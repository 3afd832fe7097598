"""Find the words of a list in a text, the longest at each place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from nlp.normalise import half_width

Meaning = TypeVar("Meaning")


@dataclass(frozen=True, slots=True)
class Found(Generic[Meaning]):
    """A word at `text[start:end]`, and what the list says of it."""

    start: int
    end: int
    meaning: Meaning


class WordFinder(Generic[Meaning]):
    """Longest-match scanner; Latin words match only whole ones, whatever their case and width.

    Parameters
    ----------
    words : mapping of str to anything
        What is to be found, with what it stands for.

    Examples
    --------
    >>> [(found.start, found.meaning) for found in WordFinder({"空调": 1, "空调扇": 2}).find("空调和空调扇")]
    [(0, 1), (3, 2)]
    """

    def __init__(self, words: Mapping[str, Meaning]) -> None:
        self._words = {half_width(word): meaning for word, meaning in words.items() if word}
        lengths: dict[str, set[int]] = {}
        for word in self._words:
            lengths.setdefault(word[0], set()).add(len(word))
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}

    def find(self, text: str) -> Iterator[Found[Meaning]]:
        """Yield the words from left to right, none within another.

        Parameters
        ----------
        text : str
            In the form of `nlp.normalise.fold`, so that places are those of the original.
        """
        start = 0
        while start < len(text):
            found = self._at(text, start)
            start = found.end if found else start + 1
            if found:
                yield found

    def _at(self, text: str, start: int) -> Found[Meaning] | None:
        for length in self._lengths.get(text[start], ()):
            end = start + length
            word = text[start:end]
            if word in self._words and stands_alone(text, start, end):
                return Found(start, end, self._words[word])
        return None


def stands_alone(text: str, start: int, end: int) -> bool:
    """Tell whether `text[start:end]` neither begins nor ends within a Latin word or a number."""
    return not (_joined(text[start - 1 : start + 1]) or _joined(text[end - 1 : end + 1]))


def _joined(pair: str) -> bool:
    return len(pair) == 2 and all(letter.isascii() and letter.isalnum() for letter in pair)
