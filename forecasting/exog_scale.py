"""How known-ahead columns become numbers that a regression can use."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from forecasting.grid import Grid

MAX_ONE_HOT = 5


@dataclass(frozen=True)
class ExogScale:
    """How known-ahead columns become numbers; decided once, when a model is fitted.

    Parameters
    ----------
    codes : dict
        Column -> its values but the first, where they are few whole numbers: each becomes an indicator.
    centre, spread : dict
        Mean and standard deviation of every other column.
    """

    codes: dict[str, list[float]]
    centre: dict[str, float]
    spread: dict[str, float]

    @classmethod
    def of(cls, grid: Grid) -> "ExogScale":
        """Look at a panel."""
        codes, centre, spread = {}, {}, {}
        for index, name in enumerate(grid.spec.future):
            known = grid.future[:, : grid.length, index]
            known = known[np.isfinite(known)]
            values = np.unique(known)
            if 2 < len(values) <= MAX_ONE_HOT and (values == values.round()).all():
                codes[name] = [float(value) for value in values[1:]]
            else:
                centre[name] = float(known.mean()) if len(known) else 0.0
                spread[name] = float(known.std() if len(known) else 0.0) or 1.0
        return cls(codes, centre, spread)

    def to_json(self) -> dict[str, Any]:
        """Return the scale as JSON-ready values."""
        return asdict(self)
