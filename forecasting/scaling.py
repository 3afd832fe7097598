"""Scaling of series, fitted on the days that a forecaster may know and on no other."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from forecasting.errors import PanelError
from forecasting.grid import Array

KINDS = ("standard", "robust")


@dataclass(frozen=True)
class SeriesScaler:
    """The centre and the spread of each series.

    Parameters
    ----------
    centre : (n,) array
        Mean or median of the known days.
    spread : (n,) array
        Standard deviation, or the distance between the quartiles; 1 where a series never varies.

    Examples
    --------
    >>> import numpy as np
    >>> scaler = SeriesScaler.fit(np.array([[1.0, 3.0, np.nan]]), "standard")
    >>> scaler.transform(np.array([[5.0]])), scaler.inverse(np.array([[3.0]]))
    (array([[3.]]), array([[5.]]))
    """

    centre: Array
    spread: Array

    @classmethod
    def fit(cls, y: Array, kind: str, centred: bool = True) -> Self:
        """Measure series, (n, T), by the days given; those of a test must not be among them.

        Parameters
        ----------
        y : (n, T) array
            The training part, NaN where unknown.
        kind : str
            ``standard`` (mean and standard deviation) or ``robust`` (median and quartiles).
        centred : bool
            Whether the centre is subtracted; sales must not be where a model works with their logarithm.

        Raises
        ------
        PanelError
            For another kind.
        """
        if kind not in KINDS:
            raise PanelError(f"unknown scaling {kind!r}; there are: {', '.join(KINDS)}")
        known = [row[np.isfinite(row)] for row in y]
        measured = [_standard(row) if kind == "standard" else _robust(row) for row in known]
        centre, spread = np.asarray(measured, dtype=float).reshape(-1, 2).T
        return cls(centre * centred, np.where(spread > 0, spread, 1.0))

    def transform(self, y: Array) -> Array:
        """Scale series, (n, T)."""
        return np.asarray((y - self.centre[:, None]) / self.spread[:, None])

    def inverse(self, y: Array) -> Array:
        """Turn scaled values back into units, (n, T)."""
        return np.asarray(y * self.spread[:, None] + self.centre[:, None])

    def to_json(self) -> dict[str, Any]:
        """Return centre and spread as JSON-ready values."""
        return {"centre": self.centre.tolist(), "spread": self.spread.tolist()}


def _standard(known: Array) -> tuple[float, float]:
    return (float(known.mean()), float(known.std())) if len(known) else (0.0, 1.0)


def _robust(known: Array) -> tuple[float, float]:
    if not len(known):
        return 0.0, 1.0
    low, middle, high = np.quantile(known, (0.25, 0.5, 0.75))
    return float(middle), float(high - low)
