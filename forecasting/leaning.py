"""How far the odds that sales rise differ from the base rate, by a logistic regression over all series."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from forecasting.direction_design import DirectionDesign
from forecasting.grid import Array, Grid

PENALTY = 10.0
MAX_SERIES = 500
MAX_ROWS = 100_000
LEAST_ROWS = 200
MAX_DAYS = 730
PER_HORIZON = 4


@dataclass(frozen=True)
class Leaning:
    """A logistic regression of "more than before" on what was known on each past day.

    Days near each other share a horizon, and series share a day: a row is less than an observation. Rows
    count by the share of the horizon that is new, and each column is shrunk as much stronger as its variance
    is understated because it moves for many series at once (Moulton, 1986).

    Parameters
    ----------
    mean, coef : (F,) lists
        Centre and weight of each column of `DirectionDesign`; no weights where there was too little to learn.
    base : float
        How often more was sold, 0 … 1.
    likeness : float
        Correlation of the outcomes of two series on the same day.
    """

    mean: list[float]
    coef: list[float]
    base: float = 0.5
    likeness: float = 0.0

    @classmethod
    def learn(cls, grid: Grid, h: int) -> Self:
        """Learn from all days whose horizon is over by the grid's cutoff."""
        every = -(-len(grid.ids) // MAX_SERIES)
        grid = grid.take(np.arange(0, len(grid.ids), every)) if every > 1 else grid
        design = DirectionDesign(grid, h)
        first = max(2 * h - 1, grid.length - 1 - MAX_DAYS)
        days = max(grid.length - h - first, 0)
        step = max(h // PER_HORIZON, 1, -(-days * len(grid.ids) // MAX_ROWS))
        origins = np.arange(grid.length - 1 - h, first - 1, -step)[::-1]
        happened = design.rose(origins)
        known = np.isfinite(happened)
        base = float(happened[known].mean()) if known.any() else 0.5
        if known.sum() < LEAST_ROWS or base in (0.0, 1.0):
            return cls([], [], base)
        features = design.features(origins)
        likeness = max(_between(happened, known) - 1 / known.sum(axis=0).mean(), 0.0)
        x = features[known]
        mean, spread = x.mean(axis=0), x.std(axis=0)
        together = np.array([_between(features[:, :, column], known) for column in range(x.shape[1])])
        understated = 1 + (known.sum(axis=0).mean() - 1) * together * likeness
        scale = np.where(spread > 1e-6, 1 / np.maximum(spread, 1e-6) / np.sqrt(understated), 0.0)
        model = LogisticRegression(C=1 / PENALTY, max_iter=300)
        model.fit((x - mean) * scale, happened[known], sample_weight=np.full(len(x), min(1.0, step / h)))
        return cls(mean.tolist(), (model.coef_[0] * scale).tolist(), base, float(likeness))

    def of(self, features: Array) -> Array:
        """Return the log-odds against the base rate, (…, F) -> (…)."""
        if not self.coef:
            return np.zeros(features.shape[:-1])
        return np.asarray((features - np.array(self.mean)) @ np.array(self.coef))


def _between(values: Array, known: npt.NDArray[np.bool_]) -> float:
    """Return the share of the variance of (n, R) values that lies between the days."""
    count = known.sum(axis=0)
    filled = np.where(known, values, 0.0)
    mean = filled.sum() / count.sum()
    total = (np.where(known, values - mean, 0.0) ** 2).sum()
    days = filled.sum(axis=0) / np.maximum(count, 1)
    return float((count * (days - mean) ** 2).sum() / total) if total > 0 else 0.0
