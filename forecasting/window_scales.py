"""What the numbers in a network's window are measured in, learned once so that later panels read alike."""

from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from forecasting.grid import Array, Grid
from forecasting.model import TWO_SEASONS
from forecasting.tree_design import Layout, TreeDesign

Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.int64]
SAMPLE = 4000
FARTHEST = 5.0
_CODED = ("weekday:day", "shopping_festival:which")
Moments = tuple[float, float]


@dataclass(frozen=True)
class Scales:
    """Centre and spread of each number, and the values of each code.

    Parameters
    ----------
    layout : Layout
        Which features of days ahead there are.
    numbers : dict
        Feature of a day ahead -> centre and spread.
    codes : dict
        Feature of a day ahead -> its values; each becomes an indicator.
    plans : dict
        Known-ahead column -> centre and spread.
    facts : dict
        Static column of numbers -> centre and spread.
    labels : dict
        Static column of words -> its categories.
    """

    layout: Layout
    numbers: dict[str, Moments]
    codes: dict[str, list[float]]
    plans: dict[str, Moments]
    facts: dict[str, Moments]
    labels: dict[str, list[str]]

    @classmethod
    def of(cls, design: TreeDesign, rng: np.random.Generator) -> Self:
        """Look at a sample of the pairs of days that a panel offers."""
        grid, layout = design.grid, design.layout
        pairs = design.pairs(TWO_SEASONS, rng)
        kept = rng.permutation(len(pairs[0]))[:SAMPLE]
        columns = dict(zip(design.names, design.rows(*(part[kept] for part in pairs)).T, strict=True))
        coded = {*_CODED, *(f"{name}:day" for name in layout.codes)}
        described = {name: values for name, values in columns.items() if not name.startswith("product:")}
        static = dict(zip(grid.spec.static, grid.static.T, strict=True))
        return cls(
            layout,
            {name: _moments(values) for name, values in described.items() if name not in coded},
            {name: _values(values) for name, values in described.items() if name in coded},
            {name: _moments(design.ahead[:, :, i]) for i, name in enumerate(grid.spec.future)},
            {name: _moments(values) for name, values in static.items() if name not in grid.labels},
            grid.labels,
        )

    def ahead(self, names: list[str], features: Floats) -> Floats:
        """Scale the features of R days ahead, (R, len(names)) -> (R, ``width_ahead``); unknown is 0."""
        columns = dict(zip(names, features.T, strict=True))
        scaled = [_scaled(columns[name], moments) for name, moments in self.numbers.items()]
        flags = [columns[name] == value for name, values in self.codes.items() for value in values]
        return np.stack([*scaled, *flags], axis=1).astype(np.float32)

    def planned(self, ahead: Array) -> Floats:
        """Scale the known-ahead columns, (n, D, F)."""
        columns = [_scaled(ahead[:, :, i], moments) for i, moments in enumerate(self.plans.values())]
        return np.stack(columns, axis=2) if columns else np.zeros((*ahead.shape[:2], 0), np.float32)

    def known_facts(self, grid: Grid) -> Floats:
        """Scale the static numbers, (n, number of them)."""
        static = dict(zip(grid.spec.static, grid.static.T, strict=True))
        columns = [_scaled(static[name], moments) for name, moments in self.facts.items()]
        return np.stack(columns, axis=1) if columns else np.zeros((len(grid.ids), 0), np.float32)

    def categories(self, grid: Grid) -> Codes:
        """Number the static words, (n, number of them); 0 is a category that was not there to learn."""
        codes = np.zeros((len(grid.ids), len(self.labels)), dtype=np.int64)
        for column, (name, labels) in enumerate(self.labels.items()):
            number = {label: index for index, label in enumerate(labels, start=1)}
            learned = np.array([number.get(label, 0) for label in grid.labels[name]] + [0])
            codes[:, column] = learned[grid.static[:, grid.spec.static.index(name)].astype(int)]
        return codes

    @property
    def width_ahead(self) -> int:
        """Number of columns that `ahead` returns."""
        return len(self.numbers) + sum(map(len, self.codes.values()))

    def to_json(self) -> dict[str, Any]:
        """Return the scales as JSON-ready values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Rebuild what `to_json` returned."""
        return cls(**values | {"layout": Layout(**values["layout"])})


def _moments(values: npt.NDArray[Any]) -> Moments:
    """Return median and standard deviation of what is known, 0 and 1 where nothing is."""
    known = values[np.isfinite(values)].astype(float)
    if not known.size:
        return 0.0, 1.0
    spread = float(known.std())
    return float(np.median(known)), spread if spread > 1e-6 else 1.0


def _values(codes: Floats) -> list[float]:
    return [float(value) for value in np.unique(codes[np.isfinite(codes)])]


def _scaled(values: npt.NDArray[Any], moments: Moments) -> Floats:
    centre, spread = moments
    scaled = np.clip((values - centre) / spread, -FARTHEST, FARTHEST)
    return np.asarray(np.nan_to_num(scaled), dtype=np.float32)
