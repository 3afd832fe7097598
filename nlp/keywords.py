"""Keywords of one text and of many: TF-IDF against jieba's background of general Chinese, and TextRank."""

import heapq
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log

from nlp.lexicons import modifiers
from nlp.segment import Segmenter

_LETTER = re.compile(r"[^\W\d_]")

WINDOW = 4
"""Words within which two words of a text are linked."""


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word of a set of texts: its weight by the measure asked for and the number of texts that hold it."""

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
        counts = Counter(self.words(text))
        return heapq.nsmallest(top, counts, key=lambda word: -counts[word] * self._idf(word))

    def of_texts(self, texts: Iterable[str], top: int = 50) -> list[Keyword]:
        """Return `tf_idf` of the words of texts.

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
        return self.tf_idf(map(self.words, texts), top)

    def words(self, text: str) -> list[str]:
        """Return the words of a normalised text that can be keywords, in order."""
        words = self.segmenter.segment(text)
        return [word for word in words if len(word) > 1 and _LETTER.search(word) and word not in self._empty]

    def tf_idf(self, texts: Iterable[Sequence[str]], top: int = 50) -> list[Keyword]:
        """Return up to `top` keywords of a set of texts, the heaviest first.

        Each text counts a word once, damped as 1 + log(texts), so that one long text or one phrase repeated
        everywhere does not drown the others.

        Parameters
        ----------
        texts : iterable of sequence of str
            The `words` of each text.
        top : int
            How many at most.

        Returns
        -------
        list of Keyword
        """
        counts = _texts_with(texts)
        return _heaviest(
            (Keyword(word, (1 + log(count)) * self._idf(word), count) for word, count in counts.items()), top
        )

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


def text_rank(texts: Sequence[Sequence[str]], top: int = 50) -> list[Keyword]:
    """Return the words that a set of texts revolves around, the heaviest first.

    Words are linked to the `WINDOW` - 1 words after them and ranked by PageRank over these links (R. Mihalcea
    and P. Tarau, "TextRank: Bringing Order into Texts", 2004).

    Parameters
    ----------
    texts : sequence of sequence of str
        The `KeywordFinder.words` of each text.
    top : int
        How many at most.

    Returns
    -------
    list of Keyword
        The weights of all words, also of those below `top`, add up to one.
    """
    import networkx

    links = Counter(
        (min(word, other), max(word, other))
        for words in texts
        for place, word in enumerate(words)
        for other in words[place + 1 : place + WINDOW]
        if word != other
    )
    graph = networkx.Graph()
    graph.add_weighted_edges_from((*link, times) for link, times in sorted(links.items()))
    counts = _texts_with(texts)
    ranks = networkx.pagerank(graph) if graph else {}
    return _heaviest((Keyword(word, rank, counts[word]) for word, rank in ranks.items()), top)


def _texts_with(texts: Iterable[Sequence[str]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for words in texts:
        counts.update(dict.fromkeys(words, 1))
    return counts


def _heaviest(keywords: Iterable[Keyword], top: int) -> list[Keyword]:
    return heapq.nsmallest(top, keywords, key=lambda keyword: (-keyword.weight, keyword.word))
