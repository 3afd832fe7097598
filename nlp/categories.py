"""Guess what kind of product a text describes: by the words of a tree, or by a shop's other products."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from nlp import lexicons
from nlp.normalise import fold
from nlp.word_finder import Found, WordFinder

CONFIDENT = 0.5
"""Confidence below which no category is named."""

_TITLE, _DESCRIPTION = 3.0, 1.0
_HINT = 0.3
"""What a word that only goes along with a category counts, next to one that names its products."""
_REPEAT = 0.5
"""What each further word for the same category counts, next to the first."""
_DOUBT = 1.0
"""Weight of what no word speaks for, so that one word in a description is no certainty."""
_SHARPNESS = 20.0
"""Turns cosines into shares, rather too low than too high."""
_NEAR = 4
"""Characters before a product word within which 适用 makes it somebody else's."""
_FEWEST = 2
"""Products a category of the shop needs before others are taken for the like."""

_Word = tuple[str, bool]
"""A category, and whether the word names a product of it, or is a mere hint."""


@dataclass(frozen=True, slots=True)
class CategoryGuess:
    """A category or None, how sure that is (0 to 1), and who says so: words or the shop's own products."""

    name: str | None
    confidence: float
    source: Literal["words", "shop"]


class CategoryFinder:
    """Category by the words of a tree.

    In a run of product words without a gap the last one is what is sold (空调罩 is no 空调). Confidence is
    the share of a category among all that is found, and some doubt.

    Parameters
    ----------
    tree : dict, optional
        As `nlp/lexicons/categories.json`, the default.

    Examples
    --------
    >>> CategoryFinder().guess("美的 1.5匹 壁挂式空调挂机").name
    '家用电器/空调'
    >>> CategoryFinder().guess("限时特价 买一送一").name
    """

    def __init__(self, tree: dict[str, Any] | None = None) -> None:
        tree = lexicons.categories() if tree is None else tree
        self._after, self._before = tuple(tree["not_sold_after"]), tuple(tree["not_sold_before"])
        branches = tree["categories"]
        hints = {word: (branch["category"], False) for branch in branches for word in branch["hints"]}
        names = {word: (branch["category"], True) for branch in branches for word in branch["words"]}
        self._words: WordFinder[_Word] = WordFinder({**hints, **names})

    def guess(self, title: str, description: str = "") -> CategoryGuess:
        """Return the category most words speak for; none where they are few or disagree."""
        weights = self._weights(title, _TITLE)
        names_nothing = max(weights.values(), default=0.0) < _TITLE
        for category, weight in self._weights(description, _TITLE if names_nothing else _DESCRIPTION).items():
            weights[category] += weight
        if not weights:
            return CategoryGuess(None, 0.0, "words")
        best = max(weights, key=weights.__getitem__)
        confidence = weights[best] / (sum(weights.values()) + _DOUBT)
        return CategoryGuess(best if confidence >= CONFIDENT else None, round(confidence, 3), "words")

    def _weights(self, text: str, weight: float) -> dict[str, float]:
        """Return what the different words of a text count for each category."""
        counts = Counter(meaning for meaning, _ in set(self._named(fold(text))))
        weights: dict[str, float] = defaultdict(float)
        for (category, names), count in counts.items():
            weights[category] += weight * (1 if names else _HINT) * (1 + _REPEAT * (count - 1))
        return weights

    def _named(self, text: str) -> Iterator[tuple[_Word, str]]:
        found = list(self._words.find(text))
        for word, following in zip(found, [*found[1:], None], strict=False):
            if not (word.meaning[1] and (_leads_to(word, following) or self._is_not_sold(text, word))):
                yield word.meaning, text[word.start : word.end]

    def _is_not_sold(self, text: str, word: Found[_Word]) -> bool:
        before = text[max(word.start - _NEAR, 0) : word.start]
        return text.startswith(self._before, word.end) or any(sign in before for sign in self._after)


def _leads_to(word: Found[_Word], following: Found[_Word] | None) -> bool:
    """Tell whether a product word is only the first part of the next one's product."""
    return following is not None and following.meaning[1] and following.start == word.end


class ShopCategories:
    """Categories as a shop sorts its own products, learned as the mean embedding of each.

    The nearest centroid is the classifier of R. Tibshirani and others, "Diagnosis of multiple cancer types by
    shrunken centroids" (2002), without the shrinking: a few products a category are enough.

    Parameters
    ----------
    embeddings : ndarray of shape (n, hidden)
        Rows of length one.
    categories : sequence of str, length n
        Category of each; "" where the shop gives none.
    """

    def __init__(self, embeddings: npt.NDArray[np.float32], categories: Sequence[str]) -> None:
        kinds = np.asarray(categories, dtype=object)
        self.names = [
            name for name in dict.fromkeys(categories) if name and int((kinds == name).sum()) >= _FEWEST
        ]
        means = [embeddings[kinds == name].mean(axis=0) for name in self.names]
        self._centroids = np.array([mean / max(float(np.linalg.norm(mean)), 1e-9) for mean in means])

    def guess(self, embedding: npt.NDArray[np.float32]) -> CategoryGuess:
        """Return the nearest category, or none where others are as near.

        Parameters
        ----------
        embedding : ndarray of shape (hidden,)
            Of length one; a row of zeros, from a product without text, gets no category.
        """
        if len(self.names) < 2 or not embedding.any():
            return CategoryGuess(None, 0.0, "shop")
        powers = np.exp(_SHARPNESS * (self._centroids @ embedding))
        shares = powers / powers.sum()
        best = int(shares.argmax())
        confidence = float(shares[best])
        name = self.names[best] if confidence >= CONFIDENT else None
        return CategoryGuess(name, round(confidence, 3), "shop")
