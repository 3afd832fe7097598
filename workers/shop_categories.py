"""Products without a category are guessed to be of one of the shop's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from nlp.categories import ShopCategories
from storage.products import Embeddings, ProductText


def guess_by_shop(
    read: Sequence[ProductText],
    analyses: Sequence[dict[str, Any]],
    categories: Sequence[str],
    embeddings: Embeddings,
) -> None:
    """Name the shop's category most like each product that has none; where unsure, the guess by words stays.

    Parameters
    ----------
    read, analyses
        Products and what was read in their texts, which is changed.
    categories, embeddings
        Of products read before, by the same analyser. Those in `read` teach, too.
    """
    if not read:
        return
    rows = np.asarray([analysis["embedding"] for analysis in analyses], np.float32)
    known = np.concatenate([embeddings.reshape(-1, rows.shape[1]), rows])
    shop = ShopCategories(known, [*categories, *(product.category for product in read)])
    for product, analysis, row in zip(read, analyses, rows, strict=True):
        guess = shop.guess(row)
        if not product.category and guess.name:
            analysis["category"] = asdict(guess)
