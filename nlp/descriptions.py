"""What product titles and descriptions say: category, attributes, selling points, and an embedding."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nlp.attributes import AttributeFinder
from nlp.categories import CategoryFinder
from nlp.keywords import KeywordFinder
from nlp.normalise import normalise
from nlp.selling_points import SellingPointFinder

if TYPE_CHECKING:
    from nlp.pipeline import Classifier

_CHARACTERS = 20_000
"""Of longer titles and descriptions the beginning is read."""
_DIGITS = 6

Embeddings = npt.NDArray[np.float32]


class Describer:
    """Reads product texts; everything but the embedding depends on word lists alone.

    Parameters
    ----------
    classifier : Classifier
        Model whose encoder places the texts.
    keyword_finder : KeywordFinder
        Says what a text is about.
    """

    def __init__(self, classifier: "Classifier", keyword_finder: KeywordFinder) -> None:
        self._classifier = classifier
        self._categories = CategoryFinder()
        self._attributes = AttributeFinder()
        self._points = SellingPointFinder(keyword_finder)

    def __call__(self, titles: Sequence[str], descriptions: Sequence[str]) -> list[dict[str, Any]]:
        """Return what is said of each product, in order.

        Parameters
        ----------
        titles, descriptions : sequence of str, length n
            Original texts, any content.

        Returns
        -------
        list of dict, length n
            "category" (name, confidence, source), "attributes", "selling_points" and "embedding" (list of
            float, of length one, or zeros where there is nothing to read). JSON-serialisable.
        """
        embeddings = self.embed(titles, descriptions).tolist()
        return [
            {**self._read(title[:_CHARACTERS], description[:_CHARACTERS]), "embedding": _rounded(embedding)}
            for title, description, embedding in zip(titles, descriptions, embeddings, strict=True)
        ]

    def embed(self, titles: Sequence[str], descriptions: Sequence[str]) -> Embeddings:
        """Place products so that the like lie close.

        The mean of both texts' embeddings, so that a long description does not drown a title.

        Returns
        -------
        ndarray of shape (n, hidden)
            Rows of length one; zeros where neither text says anything.
        """
        read = [normalise(text[:_CHARACTERS]) for text in (*titles, *descriptions)]
        different = list(dict.fromkeys(read))
        rows = np.asarray(self._classifier.embed(different), np.float32)
        places = {text: place for place, text in enumerate(different)}
        found = rows[[places[text] for text in read]] if read else rows
        return unit_rows(found[: len(titles)] + found[len(titles) :])

    def _read(self, title: str, description: str) -> dict[str, Any]:
        attributes = self._attributes.find(title, description)
        return {
            "category": asdict(self._categories.guess(title, description)),
            "attributes": [_stated(asdict(attribute)) for attribute in attributes],
            "selling_points": [asdict(point) for point in self._points.find(title, description, attributes)],
        }


def similar(embedding: Embeddings, matrix: Embeddings, top: int = 10) -> list[tuple[int, float]]:
    """Return the rows most like an embedding, the likest first.

    Parameters
    ----------
    embedding : ndarray of shape (hidden,)
        Of length one, or zeros, which are like nothing.
    matrix : ndarray of shape (n, hidden)
        Rows of length one.
    top : int
        How many at most.

    Returns
    -------
    list of (int, float)
        Row and cosine, from 1 (the same) down; ties in the order of the rows.

    Raises
    ------
    ValueError
        When the embedding is not as long as the rows, as after a change of model.
    """
    if matrix.ndim != 2 or embedding.shape != matrix.shape[1:]:
        raise ValueError(f"an embedding of shape {embedding.shape} does not fit rows of {matrix.shape}")
    if not embedding.any():
        return []
    cosines = matrix @ embedding
    order = np.argsort(-cosines, kind="stable")[: max(top, 0)]
    return [(int(row), float(cosines[row])) for row in order]


def unit_rows(rows: npt.NDArray[np.floating[Any]]) -> Embeddings:
    """Return rows scaled to length one; rows of zeros stay."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0), np.float32)


def _rounded(row: list[float]) -> list[float]:
    return [round(value, _DIGITS) for value in row]


def _stated(attribute: dict[str, Any]) -> dict[str, Any]:
    """Drop what says nothing of an attribute."""
    return {name: value for name, value in attribute.items() if value is not None and value != ""}
