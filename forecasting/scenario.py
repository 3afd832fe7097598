"""What would be forecast if the days ahead, or the reviews so far, were different."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecasting.frame import PanelError, name_ids
from forecasting.grid import Array, Grid
from forecasting.remarks import Remark
from forecasting.training_range import outside

HOLIDAY = "holiday"
TOLERANCE = 1e-6
_WAYS: dict[str, Callable[[Array, float], Array]] = {
    "set": lambda planned, value: np.full_like(planned, value),
    "scale": lambda planned, value: planned * value,
    "add": lambda planned, value: planned + value,
}


@dataclass(frozen=True)
class Change:
    """A known-ahead column that is set to a value, scaled by it, or raised by it.

    Parameters
    ----------
    column : str
        One of the panel's ``future`` columns.
    value : float
        The new value, factor or difference.
    how : str
        ``set``, ``scale`` or ``add``.
    """

    column: str
    value: float
    how: str = "set"

    def __post_init__(self) -> None:
        if self.how not in _WAYS:
            raise PanelError(f"{self.column}: a change is one of {', '.join(_WAYS)}, not {self.how!r}")
        if not np.isfinite(self.value):
            raise PanelError(f"{self.column}: {self.value} is not a number to forecast with")

    def of(self, planned: Array) -> Array:
        """Return what becomes of planned values."""
        return _WAYS[self.how](planned, self.value)


@dataclass(frozen=True)
class Scenario:
    """What is different, and on which days ahead.

    Parameters
    ----------
    changes : tuple of Change
        Known-ahead columns that change.
    off : bool, optional
        Whether the days are taken for a day off, or for one of an ordinary week.
    start, end : Timestamp, optional
        First and last day meant, of changes and days off; the whole horizon by default.
    past : DataFrame, optional
        ``unique_id, ds`` and past columns: values of known days that are taken instead of the real ones.
    """

    changes: tuple[Change, ...] = ()
    off: bool | None = None
    start: pd.Timestamp | None = None
    end: pd.Timestamp | None = None
    past: pd.DataFrame | None = field(default=None, compare=False)

    @classmethod
    def from_json(cls, values: Mapping[str, Any], columns: Sequence[str] = ()) -> "Scenario":
        """Read ``{"price": 39, "promo": {"add": 1}, "holiday": true, "from": "2026-11-01", "to": …}``.

        Parameters
        ----------
        values : mapping
            Column -> value to set, or ``{"set" | "scale" | "add": value}``; ``from`` and ``to``; ``holiday``
            where no column is called so.
        columns : sequence of str
            The panel's known-ahead columns.

        Raises
        ------
        PanelError
            For a value or day that cannot be read.
        """
        wishes = {name: value for name, value in values.items() if name not in ("from", "to")}
        off = _yes_or_no(wishes.pop(HOLIDAY)) if HOLIDAY in wishes and HOLIDAY not in columns else None
        changes = tuple(_change(name, value) for name, value in wishes.items())
        return cls(changes, off, _day(values.get("from")), _day(values.get("to")))

    def apply(self, grid: Grid, rows: Sequence[int], h: int) -> Grid:
        """Return a grid that knows the ``h`` days ahead, changed for some series.

        Raises
        ------
        PanelError
            For a column that the panel does not know ahead, or when no day of the horizon is meant.
        """
        days = self._days(grid, h)
        if self.changes:
            future = grid.future.copy()
            for change in self.changes:
                cells = (np.asarray(rows)[:, None], days, _place(grid, change.column))
                future[cells] = change.of(future[cells])
            grid = replace(grid, future=future)
        if self.off is not None:
            grid = grid.with_days_off(grid.days(h)[days], self.off)
        return grid if self.past is None else grid.with_past(self.past)

    def parts(self) -> Iterator[tuple[str, "Scenario"]]:
        """Yield everything that is different by itself, and what it is called."""
        nothing = replace(self, changes=(), off=None, past=None)
        for change in self.changes:
            yield change.column, replace(nothing, changes=(change,))
        if self.off is not None:
            yield HOLIDAY, replace(nothing, off=self.off)
        if self.past is not None:
            yield "what reviews say", replace(nothing, past=self.past)

    def warnings(self, grid: Grid, rows: Sequence[int], h: int) -> list[Remark]:
        """Say in sentences what lies outside anything the models have seen."""
        found = []
        changed = self.apply(grid, rows, h)
        days = self._days(grid, h)
        for change in self.changes:
            place = _place(grid, change.column)
            values = changed.future[np.asarray(rows)[:, None], days, place]
            found.append(outside(change.column, values, grid.future[:, : grid.length, place], grid.ids, rows))
        for place, column in enumerate(grid.spec.past if self.past is not None else ()):
            values = changed.past[list(rows), :, place]
            found.append(outside(column, values, grid.past[:, :, place], grid.ids, rows))
        return [sentence for sentence in found if sentence]

    def _days(self, grid: Grid, h: int) -> npt.NDArray[np.int64]:
        days = grid.days(h)
        meant = np.arange(len(days)) >= grid.length
        meant &= (days >= (self.start or days[0])) & (days <= (self.end or days[-1]))
        if not meant.any():
            first, last = days[grid.length].date(), days[-1].date()
            raise PanelError(
                _nothing(
                    "no_day", f"no day from {first} to {last} is meant", first=f"{first}", last=f"{last}"
                )
            )
        return np.flatnonzero(meant)


def check_scenario(
    scenario: Scenario,
    grid: Grid,
    rows: Sequence[int],
    h: int,
    forecast: Callable[[Grid], Array],
    hears: npt.NDArray[np.bool_],
) -> list[Remark]:
    """Refuse a scenario that cannot be felt; say what lies outside anything seen, and who feels nothing.

    Whether something is felt is measured: everything that is different must move the forecast by itself.

    Parameters
    ----------
    scenario : Scenario
        What is different.
    grid : Grid
        With the days ahead as planned.
    rows : sequence of int
        The series.
    h : int
        Days ahead.
    forecast : callable
        Forecasts the series from a grid, (len(rows), h).
    hears : (len(rows),) array of bool
        Which of the series have a forecast that listens to the past columns replaced.

    Raises
    ------
    PanelError
        When a part of the scenario moves the forecast of no series; says which part and why.
    """
    parts = list(scenario.parts())
    if not parts:
        raise PanelError(_nothing("nothing_named", "it names nothing that would be different"))
    warnings = scenario.warnings(grid, rows, h)
    plain = forecast(grid)
    for name, part in parts:
        view = part.apply(grid, rows, h)
        moved = np.abs(forecast(view) - plain).sum(axis=1) > TOLERANCE * np.maximum(plain.sum(axis=1), 1.0)
        felt = moved & (hears if part.past is not None else _varied(part, grid))
        deaf = name_ids(grid.ids[row] for row, heard in zip(rows, felt, strict=True) if not heard)
        if not felt.any():
            code, why = _why(name, part, grid, view, rows)
            raise PanelError(_nothing(code, why, deaf, column=name))
        if deaf:
            warnings.append(Remark("moves_nothing", f"{name} moves nothing for {deaf}", column=name, of=deaf))
    return warnings


def _varied(part: Scenario, grid: Grid) -> bool:
    """Tell whether the columns that change ever did so in any series; else nobody can know what they do."""
    return all(_ever_changed(grid, change.column) for change in part.changes)


def _ever_changed(grid: Grid, column: str) -> bool:
    history = grid.future[:, : grid.length, _place(grid, column)]
    known = np.isfinite(history)
    highest = np.where(known, history, -np.inf).max(axis=1)
    return bool((highest > np.where(known, history, np.inf).min(axis=1)).any())


def _why(name: str, part: Scenario, grid: Grid, view: Grid, rows: Sequence[int]) -> tuple[str, str]:
    """Return the code of the reason, and the reason."""
    if part.past is not None:
        return "reviews_unheard", (
            "its reviews were not shown to help the forecast, which does not listen to them"
        )
    if part.off is not None:
        return "days_off_unfelt", "no model that speaks for it feels days off there, or they are as they were"
    if np.array_equal(view.future[list(rows)], grid.future[list(rows)], equal_nan=True):
        return "already_planned", f"{name} is already planned so"
    if not _varied(part, grid):
        return "never_different", f"{name} never was different, so nothing is known of what it does"
    return "column_unfelt", f"no model that speaks for it feels {name}"


def _nothing(code: str, why: str, of: str = "", **values: Any) -> Remark:
    whom = f" for {of}" if of else ""
    return Remark(code, f"the scenario changes nothing{whom}: {why}", of=of, **values)


def _place(grid: Grid, column: str) -> int:
    if column not in grid.spec.future:
        there = ", ".join(grid.spec.future) or "nothing"
        raise PanelError(_nothing("unknown_column", f"{column} (known ahead: {there})", column=column))
    return grid.spec.future.index(column)


def _change(column: str, wish: Any) -> Change:
    how, value = next(iter(wish.items())) if isinstance(wish, Mapping) and len(wish) == 1 else ("set", wish)
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise PanelError(f"{column}: {wish!r} is not a number, nor one to set, scale or add") from error
    return Change(column, number, how)


def _yes_or_no(wish: Any) -> bool:
    if wish not in (True, False):
        raise PanelError(f"{HOLIDAY}: {wish!r} is neither true nor false")
    return bool(wish)


def _day(text: Any) -> pd.Timestamp | None:
    if text is None:
        return None
    day = pd.to_datetime(str(text), errors="coerce")
    if pd.isna(day) or day.tz is not None:
        raise PanelError(f"{text!r} is not a day")
    return pd.Timestamp(day)
