"""What is known of products besides their sales: columns of the forecasting panel that never change."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy.orm import Session

from forecasting.similarity import EMBEDDING, PRICE
from storage.products import count_embedded, embeddings

WORDS = ("category", "brand")
COMPONENTS = 8
LEAST_EMBEDDED = 2 * COMPONENTS
Array = npt.NDArray[np.float64]


def static_columns(static: pd.DataFrame, taken: Sequence[str]) -> pd.DataFrame:
    """Return the static columns that tell products apart, with ``unique_id``.

    Parameters
    ----------
    static : DataFrame
        ``unique_id``, category, brand, price, of the products of a panel.
    taken : sequence of str
        Names that are known-ahead columns: a price of each day says more than a product's only one.
    """
    names = [name for name in (*WORDS, PRICE) if name not in taken and static[name].nunique() > 1]
    return static[["unique_id", *names]]


def places(session: Session, workspace_id: int, product_ids: Sequence[int]) -> pd.DataFrame:
    """Return where the descriptions of products lie: ``embedding_0`` … ``embedding_7``, with ``unique_id``.

    No columns where fewer than sixteen of them have an embedding. Which version of the analyser made it does
    not count there, so that the columns do not come and go while a new version reads the descriptions; one
    without an embedding of the version of most has no place.
    """
    if count_embedded(session, workspace_id, product_ids) < LEAST_EMBEDDED:
        return pd.DataFrame({"unique_id": pd.Series(dtype=str)})
    ids, matrix = embeddings(session, workspace_id, product_ids)
    found = pd.DataFrame(principal(matrix), columns=[f"{EMBEDDING}{n}" for n in range(COMPONENTS)])
    found.insert(0, "unique_id", [str(id) for id in ids])
    return found


def principal(matrix: npt.NDArray[np.float32]) -> Array:
    """Return the first eight principal components, (n, 8); of less variety, zeros; NaN for a row of zeros.

    The largest weight of each component is positive, so that the same rows have the same places each night.
    """
    known = np.any(matrix != 0, axis=1)
    found = np.zeros((len(matrix), COMPONENTS))
    found[~known] = np.nan
    if known.any():
        centred = matrix[known].astype(float)
        centred -= centred.mean(axis=0)
        _, weights = np.linalg.eigh(centred.T @ centred)
        weights = weights[:, ::-1][:, :COMPONENTS]
        largest = np.abs(weights).argmax(axis=0)
        weights = weights * np.sign(weights[largest, np.arange(weights.shape[1])])
        found[known, : weights.shape[1]] = centred @ weights
    return found
