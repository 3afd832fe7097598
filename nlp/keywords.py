"""Keywords of one text and of many, by TF-IDF against jieba's background of general Chinese."""

import heapq
import warnings
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import log

from nlp.lexicons import modifiers
from nlp.segment import Segmenter


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word of a set of texts: its TF-IDF weight and the number of texts that hold it."""

    word: str
    weight: float
    texts: int


class KeywordFinder:
    """Words that say what a text is about.

    Parameters
    ----------
    segmenter : Segmenter
        Cuts the texts into words.
    """

    def __init__(self, segmenter: Segmenter) -> None:
        self.segmenter = segmenter

    def of_text(self, text: str, top: int = 8) -> list[str]:
        """Return up to `top` keywords of one text, the heaviest first.

        Parameters
        ----------
        text : str
            Normalised text.
        top : int
            How many at most.

        Returns
        -------
        list of str
            Words of two characters and more; ties keep the order of the text.
        """
        counts = Counter(self._words(text))
        return heapq.nsmallest(top, counts, key=lambda word: -counts[word] * self._idf(word))

    def of_texts(self, texts: Iterable[str], top: int = 50) -> list[Keyword]:
        """Return up to `top` keywords of a set of texts, the heaviest first.

        Each text counts a word once, damped as 1 + log(texts), so that one long text or one phrase repeated
        everywhere does not drown the others.

        Parameters
        ----------
        texts : iterable of str
            Normalised texts.
        top : int
            How many at most.

        Returns
        -------
        list of Keyword
        """
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(dict.fromkeys(self._words(text), 1))
        found = (Keyword(word, (1 + log(count)) * self._idf(word), count) for word, count in counts.items())
        return heapq.nsmallest(top, found, key=lambda keyword: (-keyword.weight, keyword.word))

    def _words(self, text: str) -> list[str]:
        words = self.segmenter.segment(text)
        return [word for word in words if len(word) > 1 and not word.isnumeric() and word not in self._empty]

    def _idf(self, word: str) -> float:
        frequencies, median = self._background
        return frequencies.get(word, median)

    @cached_property
    def _empty(self) -> frozenset[str]:
        return frozenset().union(*modifiers().values())

    @cached_property
    def _background(self) -> tuple[dict[str, float], float]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # jieba leaves the file it reads open
            from jieba.analyse import default_tfidf

        frequencies, median = default_tfidf.idf_loader.get_idf()
        return frequencies, median
