"""A panel as the steps of preparation see it: as arrays, with the number of the row behind each day."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecasting.frame import STOCKOUT, PanelSpec, validate_panel
from forecasting.grid import Array, Grid

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Change:
    """New values of a column on some days of the grid, and why; ``mask`` and ``after`` are (n, T)."""

    column: str
    mask: Mask
    after: npt.NDArray[Any]
    reason: str


class History:
    """A panel as steps see it.

    Parameters
    ----------
    rows : DataFrame
        Rows as read, indexed by number, no two for a day.
    spec : PanelSpec
        The declared columns.

    Attributes
    ----------
    panel : DataFrame
        The same, validated: a row for every day.
    grid : Grid
        The panel as arrays.
    """

    def __init__(self, rows: pd.DataFrame, spec: PanelSpec) -> None:
        self.rows = rows
        self.panel = validate_panel(rows, spec)
        self.grid = Grid.from_frame(self.panel, spec)

    @cached_property
    def number(self) -> npt.NDArray[np.int64]:
        """Number of the row of each day, -1 where none was given, (n, T)."""
        number = np.full(self.grid.y.shape, -1, dtype=np.int64)
        series, day = self.place(self.rows)
        inside = day < self.grid.length
        number[series[inside], day[inside]] = self.rows.index[inside]
        return number

    @cached_property
    def sold(self) -> Array:
        """Sales as given, also on stock-out days; NaN where there is no row or no value, (n, T)."""
        sold = self.rows["y"].reindex(self.number.ravel()).to_numpy().reshape(self.number.shape)
        return np.where(self.number >= 0, sold, np.nan)

    @cached_property
    def stockout(self) -> Mask:
        """Days out of stock, (n, T)."""
        if STOCKOUT not in self.rows:
            return np.zeros(self.number.shape, dtype=bool)
        out = self.rows[STOCKOUT].reindex(self.number.ravel()).to_numpy().reshape(self.number.shape)
        return np.asarray((self.number >= 0) & (out > 0))

    @property
    def begun(self) -> Mask:
        """Days from the first row of each series on, (n, T)."""
        return np.asarray(np.maximum.accumulate(self.number >= 0, axis=1))

    @property
    def shut(self) -> Mask:
        """Days that say nothing about demand: closed or unrecorded, (n, T)."""
        return np.asarray(np.isfinite(self.grid.likely) & np.isnan(self.grid.demand))

    def missing_rows(self, change: Change, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows for the days of a change that have none, with the columns of ``rows``, numbered on."""
        series, day = np.nonzero(change.mask & (self.number < 0))
        if not len(series):
            return rows.iloc[:0]
        keys = pd.MultiIndex.from_arrays([np.array(self.grid.ids)[series], self.grid.days()[day]])
        added = self.panel.set_index(["unique_id", "ds"]).loc[keys].reset_index(names=["unique_id", "ds"])
        added[change.column] = change.after[series, day]
        added = added.reindex(columns=rows.columns).fillna({"label": ""})
        return added.set_axis(range(rows.index.max() + 1, rows.index.max() + 1 + len(added)))

    def place(self, rows: pd.DataFrame) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return series and day of rows in the grid."""
        series = pd.Index(self.grid.ids).get_indexer(pd.Index(rows["unique_id"]))
        return np.asarray(series, dtype=np.int64), (rows["ds"] - self.grid.start).dt.days.to_numpy().astype(
            np.int64
        )
