"""A validated panel as dense arrays: series by day, and nothing that a cutoff would not know."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecasting.calendar import DaysOff, calendar_features
from forecasting.days import read_days
from forecasting.demand import absurd_days, closed_days, idle_days, idle_weekdays, unrecorded_days
from forecasting.errors import refuse
from forecasting.frame import KEY, STOCKOUT, PanelError, PanelSpec, last_day, name_ids, numbers
from forecasting.leaks import leaks
from forecasting.tide import tide

Array = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
_OF_SALES = ("idle", "closed", "likely", "demand", "tide")


@dataclass(frozen=True)
class Grid:
    """n series over T known days, with known-ahead columns for the days beyond.

    Attributes
    ----------
    ids : tuple of str
        The n series, sorted.
    start : Timestamp
        The first day of the arrays.
    y : (n, T) array
        Sales; NaN before a series' first day and on unknown or stocked-out days.
    future : (n, T + ahead, F) array
        Known-ahead columns; NaN where not known.
    past : (n, T, P) array
        Columns known once a day is over; the last known value is carried over gaps.
    static : (n, S) array
        Static columns, strings as category codes, -1 where missing.
    spec : PanelSpec
        What the columns are called.
    labels : dict
        Static column -> its categories in the order of their codes; numbers are not in it.
    forced : tuple of (date, bool)
        Days that `calendar` takes for a day off (true) or an ordinary one (false), for comparisons.
    """

    ids: tuple[str, ...]
    start: pd.Timestamp
    y: Array
    future: Array
    past: Array
    static: Array
    spec: PanelSpec
    labels: dict[str, list[str]] = field(default_factory=dict)
    forced: DaysOff = ()

    @classmethod
    def from_frame(cls, panel: pd.DataFrame, spec: PanelSpec) -> "Grid":
        """Build the arrays from what `validate_panel` returned."""
        ids, rows = np.unique(panel["unique_id"].to_numpy(str), return_inverse=True)
        start, end = panel["ds"].min(), last_day(panel)
        days = (panel["ds"] - start).dt.days.to_numpy()
        known = int((end - start).days) + 1

        def dense(columns: Sequence[str], length: int) -> Array:
            cube = np.full((len(ids), length, len(columns)), np.nan)
            inside = days < length
            cube[rows[inside], days[inside]] = panel.loc[inside, list(columns)].to_numpy(float)
            return cube

        y = dense(["y"], known)[:, :, 0]
        if STOCKOUT in panel:
            y[dense([STOCKOUT], known)[:, :, 0] > 0] = np.nan
        past = _carry(dense(spec.past, known))
        future = dense(spec.future, int(days.max()) + 1)
        static, labels = _codes(panel, spec)
        return cls(tuple(map(str, ids)), start, y, future, past, static, spec, labels)

    @property
    def length(self) -> int:
        """Number of known days, T."""
        return int(self.y.shape[1])

    @property
    def cutoff(self) -> pd.Timestamp:
        """The last known day."""
        return self.start + pd.Timedelta(days=self.length - 1)

    @property
    def observed(self) -> npt.NDArray[np.int64]:
        """How many days of each series are known, shape (n,)."""
        return np.asarray(np.isfinite(self.y).sum(axis=1))

    def days(self, h: int = 0) -> pd.DatetimeIndex:
        """Return the known days and the next ``h``."""
        return pd.date_range(self.start, periods=self.length + h, freq="D")

    def calendar(self, h: int) -> tuple[Array, list[str]]:
        """Return calendar features of the known days and the next ``h``, (T + h, C), and their names."""
        features = _calendar(self.start, self.length + h, self.forced)
        return features.to_numpy(float, copy=True), list(features.columns)

    def known_ahead(self, h: int) -> Array:
        """Return the future columns through the next ``h`` days, (n, T + h, F).

        A series that has not begun by the last known day has no plan yet: its missing values are 0.

        Raises
        ------
        PanelError
            When a value ahead is missing; names the column and the ids.
        """
        need = self.length + h
        ahead = self.future[:, self.length : need]
        begun = np.isfinite(self.y).any(axis=1)
        for index, column in enumerate(self.spec.future):
            missing = begun & (np.isnan(ahead[:, :, index]).any(axis=1) | (ahead.shape[1] < h))
            if missing.any():
                raise PanelError(
                    f"future column {column!r} must be known for the {h} days after {self.cutoff.date()}; "
                    f"missing for {name_ids(np.array(self.ids)[missing])}"
                )
        values = np.full((len(self.ids), need, len(self.spec.future)), np.nan)
        if values.shape[2]:
            values[:, : self.future.shape[1]] = self.future[:, :need]
            values[~begun] = np.nan_to_num(values[~begun])
        return values

    def until(self, day: int) -> "Grid":
        """Forget every sale and past value from the day with this index on."""
        return replace(self, y=self.y[:, :day], past=self.past[:, :day])

    def take(self, rows: Sequence[int] | npt.NDArray[np.int64]) -> "Grid":
        """Keep these series only; which days are closed, and the tide, stay as the whole panel shows them."""
        index = np.asarray(rows, dtype=np.int64)
        taken = replace(
            self,
            ids=tuple(self.ids[i] for i in index),
            y=self.y[index],
            future=self.future[index],
            past=self.past[index],
            static=self.static[index],
        )
        vars(taken).update(idle=self.idle, closed=self.closed[index], tide=self.tide)
        return taken

    def narrow(self, spec: PanelSpec) -> "Grid":
        """Keep only the past columns that ``spec`` names."""
        if spec == self.spec:
            return self
        columns = [self.spec.past.index(name) for name in spec.past]
        return self._with_same_sales(past=self.past[:, :, columns], spec=spec)

    @cached_property
    def honest(self) -> "Grid":
        """The grid with past columns emptied where they hold the sales of later days."""
        leaking = leaks(self.y, self.past)
        if not leaking.any():
            return self
        return self._with_same_sales(past=np.where(leaking[:, None], np.nan, self.past))

    def with_future(self, frame: pd.DataFrame) -> "Grid":
        """Return the grid with known-ahead values taken from a frame ``unique_id, ds, *spec.future``.

        Raises
        ------
        PanelError
            When a column is missing, an id is unknown, or a day or value cannot be read or is given twice.
        """
        rows, days, values = self._placed(frame, self.spec.future, "future")
        keep = days >= self.length
        length = max(days.max(initial=-1) + 1, self.future.shape[1])
        future = np.full((len(self.ids), length, len(self.spec.future)), np.nan)
        future[:, : self.future.shape[1]] = self.future
        future[rows[keep], days[keep]] = values[keep]
        return replace(self, future=future)

    def with_past(self, frame: pd.DataFrame) -> "Grid":
        """Return the grid with values of known days taken from a frame ``unique_id, ds`` and past columns.

        A missing value counts as not known: the one before it is carried on.

        Raises
        ------
        PanelError
            When there is no past column, an id is unknown, or a day or value is unreadable or given twice.
        """
        columns = [name for name in self.spec.past if name in frame.columns]
        if not columns:
            there = ", ".join(self.spec.past) or "there are none"
            raise PanelError(f"the past frame has none of the past columns: {there}")
        rows, days, values = self._placed(frame, columns, "past")
        keep = (days >= 0) & (days < self.length)
        past = self.past.copy()
        for index, name in enumerate(columns):
            past[rows[keep], days[keep], self.spec.past.index(name)] = values[keep, index]
        touched = np.unique(rows)
        past[touched] = _carry(past[touched])
        return self._with_same_sales(past=past)

    def with_days_off(self, days: pd.DatetimeIndex, off: bool) -> "Grid":
        """Return the grid with days that the calendar takes for a day off, or for an ordinary one."""
        forced = dict(self.forced) | {day.date(): off for day in days}
        return self._with_same_sales(forced=tuple(sorted(forced.items())))

    def _with_same_sales(self, **values: Any) -> "Grid":
        changed = replace(self, **values)
        vars(changed).update({name: value for name, value in vars(self).items() if name in _OF_SALES})
        return changed

    def _placed(self, frame: pd.DataFrame, columns: Sequence[str], what: str) -> tuple[Places, Places, Array]:
        """Return the series and the day of each row of a frame, as indices, and its values, (R, C)."""
        missing = [c for c in [*KEY, *columns] if c not in frame.columns]
        if missing:
            raise PanelError(f"the {what} frame lacks columns: {', '.join(missing)}")
        rows = pd.Index(self.ids).get_indexer(pd.Index(frame["unique_id"].astype(str)))
        if (rows < 0).any():
            unknown = name_ids(frame["unique_id"][rows < 0])
            raise PanelError(f"the {what} frame names unknown ids: {unknown}")
        frame = frame[[*KEY, *columns]].reset_index(drop=True)
        frame["ds"] = read_days(frame)
        refuse(frame, frame.duplicated(KEY), f"the {what} frame has more than one row for a day")
        for column in columns:
            frame[column] = numbers(frame, column)
        days = np.asarray((frame["ds"] - self.start).dt.days, dtype=np.int64)
        return np.asarray(rows, dtype=np.int64), days, frame[list(columns)].to_numpy(float)

    @cached_property
    def idle(self) -> npt.NDArray[np.bool_]:
        """Days on which no series of the whole panel sold anything, though many usually do, (T,)."""
        return idle_days(self.y)

    @cached_property
    def closed(self) -> npt.NDArray[np.bool_]:
        """Days on which nothing could be sold, as a known-ahead column or all series say, (n, T + ahead)."""
        closed = closed_days(self.y, self.future)
        closed[:, : self.length] |= self.idle
        return closed

    def closed_until(self, h: int) -> npt.NDArray[np.bool_]:
        """Return `closed` for the known days and the next ``h``, (n, T + h), with weekdays without sales."""
        closed = np.zeros((len(self.ids), self.length + h), dtype=bool)
        known = self.closed[:, : self.length + h]
        closed[:, : known.shape[1]] = known
        closed[:, self.length :] |= np.resize(idle_weekdays(self.idle), h)
        return closed

    @cached_property
    def likely(self) -> Array:
        """Sales, with absurd days unknown, (n, T)."""
        return np.where(absurd_days(self.y), np.nan, self.y)

    @cached_property
    def demand(self) -> Array:
        """Sales, with closed, unrecorded and absurd days unknown: what models learn from, (n, T)."""
        known = np.where(self.closed[:, : self.length], np.nan, self.likely)
        return np.where(unrecorded_days(known), np.nan, known)

    @cached_property
    def tide(self) -> Array:
        """How far the level that all series share stands from the year's mean, in logs, (T,)."""
        return tide(self.demand)

    def to_state(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Return the grid as JSON-ready values and arrays."""
        meta = {"ids": list(self.ids), "start": str(self.start.date()), "spec": self.spec.to_json()}
        meta |= {"labels": self.labels}
        return meta, {"y": self.y, "future": self.future, "past": self.past, "static": self.static}

    @classmethod
    def from_state(cls, meta: dict[str, Any], arrays: dict[str, Array]) -> "Grid":
        """Rebuild what `to_state` returned."""
        spec = PanelSpec.from_json(meta["spec"])
        return cls(
            tuple(meta["ids"]),
            pd.Timestamp(meta["start"]).as_unit("ns"),
            spec=spec,
            labels=meta.get("labels", {}),
            **cast("dict[str, Any]", arrays),
        )


@lru_cache(maxsize=64)
def _calendar(start: pd.Timestamp, length: int, forced: DaysOff) -> pd.DataFrame:
    return calendar_features(pd.date_range(start, periods=length, freq="D"), forced)


def _carry(cube: Array) -> Array:
    """Carry the last known value over gaps along the days."""
    known = np.isfinite(cube)
    index = np.where(known, np.arange(cube.shape[1])[None, :, None], 0)
    np.maximum.accumulate(index, axis=1, out=index)
    return np.asarray(np.take_along_axis(cube, index, axis=1))


def _codes(panel: pd.DataFrame, spec: PanelSpec) -> tuple[Array, dict[str, list[str]]]:
    """Return the static columns as numbers, (n, S), and the categories that the codes stand for."""
    first = panel.groupby("unique_id", sort=True)[list(spec.static)].first() if spec.static else None
    if first is None:
        return np.zeros((panel["unique_id"].nunique(), 0)), {}
    columns, labels = [], {}
    for name in spec.static:
        values = first[name]
        if not pd.api.types.is_numeric_dtype(values):
            codes, found = pd.factorize(values, sort=True)
            values, labels[name] = pd.Series(codes), [str(label) for label in found]
        columns.append(values.to_numpy(float))
    return np.column_stack(columns), labels
