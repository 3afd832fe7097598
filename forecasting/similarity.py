"""Which series are alike, by what is known of a product before it sells."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forecasting.grid import Array, Grid

EMBEDDING = "embedding_"
PRICE = "price"
SHARPNESS = (0.0, 1.0, 2.0, 4.0, 8.0)
LEARNERS = 400
BLOCK = 1000
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Trait:
    """One thing that is known of every series without its sales.

    Parameters
    ----------
    name : str
        A static column, ``embedding`` or ``price``.
    values : (n, d) array
        Codes (d = 1), log prices (d = 1), or places on the unit sphere.
    """

    name: str
    values: Array

    def alike(self, rows: Rows, others: Rows) -> Array:
        """Compare series with others: (m, k), 1 where they are the same, towards 0 the less they are."""
        left, right = self.values[rows], self.values[others]
        if self.name == "embedding":
            return np.asarray(np.maximum(left @ right.T, 0.0))
        if self.name == PRICE:
            return np.asarray(np.exp(-np.abs(left - right.T)))
        return np.asarray((left == right.T).astype(float))


def traits(grid: Grid) -> list[Trait]:
    """Return what describes the series without their sales.

    Static columns ``embedding_…`` together are one trait, the place of a description; ``price``, static or
    the mean of a known-ahead column so far, is compared by ratio; any other static column is a code.
    """
    placed = [index for index, name in enumerate(grid.spec.static) if name.startswith(EMBEDDING)]
    found = [
        Trait(name, grid.static[:, [index]])
        for index, name in enumerate(grid.spec.static)
        if index not in placed and name != PRICE
    ]
    if placed:
        embedding = np.nan_to_num(grid.static[:, placed])
        size = np.linalg.norm(embedding, axis=1, keepdims=True)
        found.append(Trait("embedding", embedding / np.maximum(size, 1e-9)))
    price = _price(grid)
    return found if price is None else [*found, Trait(PRICE, np.log(price)[:, None])]


class Analogy:
    """Guess what is not known of a series from the teachers that are most like it.

    A teacher's weight grows exponentially with each trait it shares. How much a trait counts is chosen so
    that the teachers' own values are guessed best from the other teachers' (leave one out; Nadaraya, 1964).
    A trait that says nothing counts nothing; without traits all teachers weigh the same.

    Parameters
    ----------
    found : sequence of Trait
        What is known of the n series.
    teachers : (k,) array of int
        The series to guess from, at least one.
    value : (k,) array
        What is guessed while learning, in logarithms: the levels of their sales.

    Attributes
    ----------
    sharpness : list of float
        How much each trait counts.
    error : float
        Mean squared error of the guesses of ``value``.
    """

    def __init__(self, found: Sequence[Trait], teachers: Rows, value: Array) -> None:
        self.found, self.teachers = found, teachers
        self.sharpness = [0.0] * len(found)
        learners = teachers[np.linspace(0, len(teachers) - 1, min(LEARNERS, len(teachers))).astype(int)]
        truth = value[np.searchsorted(teachers, learners)]
        score = self._score(learners)
        self.error = float(np.mean((_shares(score) @ value - truth) ** 2))
        for _ in range(2):
            for index, trait in enumerate(found):
                part = trait.alike(learners, teachers)
                rest = score - self.sharpness[index] * part
                errors = [np.mean((_shares(rest + s * part) @ value - truth) ** 2) for s in SHARPNESS]
                best = int(np.argmin(errors))
                self.sharpness[index], self.error = SHARPNESS[best], float(errors[best])
                score = rest + SHARPNESS[best] * part

    def guess(self, rows: Rows, of_teachers: Array) -> Array:
        """Average what the teachers have, (k, d), for some series, (m, d); their own does not count."""
        parts = np.array_split(rows, -(-len(rows) // BLOCK))
        return np.concatenate([_shares(self._score(part)) @ of_teachers for part in parts])

    def _score(self, rows: Rows) -> Array:
        score = np.zeros((len(rows), len(self.teachers)))
        for sharp, trait in zip(self.sharpness, self.found, strict=True):
            if sharp:
                score += sharp * trait.alike(rows, self.teachers)
        if len(self.teachers) > 1:
            score[rows[:, None] == self.teachers] = -np.inf
        return score


def _shares(score: Array) -> Array:
    power = np.exp(score - score.max(axis=1, keepdims=True))
    return np.asarray(power / power.sum(axis=1, keepdims=True))


def _price(grid: Grid) -> Array | None:
    if PRICE in grid.spec.static:
        column = grid.static[:, [grid.spec.static.index(PRICE)]]
    elif PRICE in grid.spec.future:
        column = grid.future[:, : grid.length, grid.spec.future.index(PRICE)]
    else:
        return None
    known = np.isfinite(column) & (column > 0)
    mean = np.where(known, column, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    usual = float(np.median(mean[mean > 0])) if (mean > 0).any() else 1.0
    return np.asarray(np.where(mean > 0, mean, usual))
