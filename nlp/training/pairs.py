"""What tokens and pairs of neighbours say by themselves: a linear model that stands beside each student."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from nlp.training.encoder import PAIR_FACTOR, Encoder

ENTRIES = 1_048_573
"""Size of the table; the largest prime below 2^20."""
FOLDS = 3
SHARE = 0.5
"""Share of its log-odds that a student is given while it learns; 0.25 to 0.75 did alike."""
SHARES = (SHARE, 0.625, 0.75, 0.875, 1.0)
"""Shares to choose from once it has learned."""
SEEN = 2
"""Pairs in fewer texts say nothing."""

Floats = NDArray[np.float32]
Rows = Sequence[Sequence[int]]


@dataclass(frozen=True)
class PairModel:
    """Logistic regression on tokens and pairs, each weighed by its rarity.

    Attributes
    ----------
    table : ndarray of shape (entries,), float32
        What each token or pair adds to the log-odds of "positive".
    bias : float
    """

    table: Floats
    bias: float

    @classmethod
    def fit(cls, features: csr_matrix, positive: NDArray[np.bool_], rarity: Floats) -> PairModel:
        """Learn from `features` which texts are positive."""
        found = LogisticRegression(C=16, solver="liblinear", random_state=0)
        found.fit(features @ diags(rarity), positive)
        return cls((found.coef_[0] * rarity).astype(np.float32), float(found.intercept_[0]))

    def predict(self, features: csr_matrix) -> Floats:
        """Log-odds ``(n,)`` of "positive" against "negative"."""
        said: Floats = (features @ self.table + self.bias).astype(np.float32)
        return said


def pair_features(rows: Rows, entries: int = ENTRIES) -> csr_matrix:
    """How often each token and pair stands in each row, over the root of their number, as `Encoder.lean`.

    Parameters
    ----------
    rows : sequence of sequence of int, length n
        Token ids, two at least in each row.
    entries : int

    Returns
    -------
    csr_matrix of shape (n, entries), float32
    """
    arrays = [np.asarray(row, np.int64) for row in rows]
    found = [np.concatenate([ids, (ids[:-1] * PAIR_FACTOR + ids[1:]) % entries]) for ids in arrays]
    sizes = np.array([len(places) for places in found])
    values = np.repeat(1 / np.sqrt(sizes), sizes).astype(np.float32)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    features = csr_matrix((values, np.concatenate(found), starts), shape=(len(rows), entries))
    features.sum_duplicates()
    return features


def rarity(features: csr_matrix) -> Floats:
    """Weight of each entry, by the logarithm of the share of rows it stands in (Spärck Jones, 1972)."""
    rows, entries = features.shape
    held = np.bincount(features.indices, minlength=entries)
    weights = np.log((1 + rows) / (1 + held)) + 1
    return np.where(held >= SEEN, weights / 8, 0).astype(np.float32)


def advise(
    rows: Rows, labels: NDArray[np.int64], parts: Rows, owners: NDArray[np.int64], seed: int = 0
) -> tuple[PairModel, Floats]:
    """Fit the model, and tell how far each row and part leans.

    Rows that are labelled positive or negative get the word of a model that
    has not seen them, and so do their parts; all others that of the whole.

    Parameters
    ----------
    rows : sequence of sequence of int, length n
    labels : ndarray of shape (n,)
        0 negative, 1 neutral or unknown, 2 positive.
    parts : sequence of sequence of int, length m
        See `nlp.training.parts`.
    owners : ndarray of shape (m,)
        Row that each part is of.
    seed : int
        Of the folds.

    Returns
    -------
    PairModel, ndarray of shape (n + m,)
        The model of all rows, and log-odds.
    """
    features = pair_features([*rows, *parts])
    whole, owners = features[: len(rows)], np.concatenate([np.arange(len(rows)), owners])
    weights, positive = rarity(whole), labels == 2
    sure = np.flatnonzero(labels != 1)
    model = PairModel.fit(whole[sure], positive[sure], weights)
    leaning = model.predict(features)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for learned, kept in folds.split(sure, positive[sure]):
        apart = np.isin(owners, sure[kept])
        fitted = PairModel.fit(whole[sure[learned]], positive[sure[learned]], weights)
        leaning[apart] = fitted.predict(features[apart])
    return model, leaning


def sides(leaning: Floats) -> Floats:
    """`SHARE` of the log-odds ``(n,)`` as logits ``(n, 3)``, half on either side."""
    return np.outer(leaning, np.float32(SHARE) * np.linspace(-0.5, 0.5, 3, dtype=np.float32))


def choose_share(logits: Floats, leaning: Floats, labels: NDArray[np.int64]) -> float:
    """The one of `SHARES` by which most rows are told rightly, the least of those that do alike.

    Parameters
    ----------
    logits : ndarray of shape (n, 3)
        Of the student alone, for rows that nothing has learned from.
    leaning : ndarray of shape (n,)
        Log-odds of the model for the same rows.
    labels : ndarray of shape (n,)
    """
    right = [((logits + share * sides(leaning) / SHARE).argmax(1) == labels).sum() for share in SHARES]
    return SHARES[int(np.argmax(right))]


def attach(encoder: Encoder, model: PairModel, share: float = SHARE) -> None:
    """Set a share of the model beside an encoder that learned with `sides` of it given, in place."""
    table = torch.tensor(model.table * (share / 2))
    encoder.config = replace(encoder.config, pairs=len(table))
    encoder.register_buffer("pairs", table)
    with torch.no_grad():
        encoder.head.bias += torch.linspace(-1, 1, encoder.config.classes) * (model.bias * share / 2)
