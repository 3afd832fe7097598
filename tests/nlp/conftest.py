"""A small classifier with known answers, so that tests of the analyser need no model."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import settings

from nlp.pipeline import Analyzer
from nlp.segment import Segmenter

settings.register_profile("busy machine", deadline=None)
settings.load_profile("busy machine")


class WordCounter:
    """Classifier that counts a few good and bad words and remembers what it was asked."""

    version = "words-1"
    threshold = 0.5

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.embedded: list[list[str]] = []

    def predict_proba(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        self.asked.append(list(texts))
        counts = [[self._count(text, "差坏慢失"), 0.1, self._count(text, "好快棒赞")] for text in texts]
        return np.array([np.array(row) / sum(row) for row in counts])

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Place texts by which of eight kinds of letters they hold."""
        self.embedded.append(list(texts))
        rows = np.zeros((len(texts), 8), np.float32)
        for row, text in zip(rows, texts, strict=True):
            np.add.at(row, [ord(letter) % 8 for letter in text], 1)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.divide(rows, lengths, out=rows, where=lengths > 0)

    @staticmethod
    def _count(text: str, letters: str) -> float:
        return 0.05 + sum(text.count(letter) for letter in letters)


@pytest.fixture
def classifier() -> WordCounter:
    return WordCounter()


@pytest.fixture(scope="session")
def segmenter() -> Segmenter:
    return Segmenter()


@pytest.fixture
def analyzer(classifier: WordCounter, segmenter: Segmenter) -> Analyzer:
    return Analyzer(classifier, segmenter)
