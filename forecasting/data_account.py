"""What was made of the data: days that teach nothing and why, and columns that say nothing."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from forecasting.demand import absurd_days
from forecasting.errors import name_ids
from forecasting.grid import Array, Grid
from forecasting.history import History

SAME = 1e-9
Counts = dict[str, dict[str, int]]


def count_days(history: History) -> Counts:
    """Count the days of each series by what was made of them.

    Parameters
    ----------
    history : History
        The panel as given.

    Returns
    -------
    dict
        unique_id -> ``days`` (from its first row to the panel's last day with sales), and of those, each day
        once: ``stockout`` and ``unknown`` (no value), both unknown to models; ``closed`` and ``unrecorded``
        (a zero where nothing was or could be sold), which teach nothing; ``filled_zero`` (no row: nothing was
        sold) and ``ended`` (no row after the series' last one: taken as zero).
    """
    grid, number, begun = history.grid, history.number, history.begun
    absent = begun & (number < 0)
    later = np.maximum.accumulate((number >= 0)[:, ::-1], axis=1)[:, ::-1]
    closed = begun & grid.closed[:, : grid.length]
    found = {
        "stockout": history.stockout,
        "unknown": (number >= 0) & np.isnan(history.sold),
        "closed": closed,
        "unrecorded": begun & history.shut,
        "ended": absent & ~later,
        "filled_zero": absent,
    }
    counts = {"days": begun.sum(axis=1)}
    left = np.ones(begun.shape, dtype=bool)
    for name, mask in found.items():
        counts[name] = (mask & left).sum(axis=1)
        left &= ~mask
    return {uid: {name: int(n[row]) for name, n in counts.items()} for row, uid in enumerate(grid.ids)}


def totals(counts: Counts) -> dict[str, int]:
    """Add up `count_days` over all series."""
    names = next(iter(counts.values()), {})
    return {name: sum(own[name] for own in counts.values()) for name in names}


def idle_columns(grid: Grid) -> list[str]:
    """Say which declared columns add nothing: constant ones, and those that repeat another one.

    Models leave out what they cannot tell apart; this is so that nobody wonders why a column does nothing.

    Returns
    -------
    list of str
        A sentence each.
    """
    future = _standardised(grid.future[:, : grid.length])
    past = _standardised(grid.past)
    notes = []
    for kind, names, columns in (("future", grid.spec.future, future), ("past", grid.spec.past, past)):
        notes += _notes(kind, names, columns)
    return notes


def absurd_sales(grid: Grid) -> list[str]:
    """Say which series sold so much on a day that it is left out of what models learn.

    Returns
    -------
    list of str
        A sentence, or none.
    """
    absurd = absurd_days(grid.y)
    if not absurd.any():
        return []
    row, day = np.argwhere(absurd)[0]
    found = name_ids(grid.ids[row] for row in np.flatnonzero(absurd.any(axis=1)))
    first = f"first {name_ids([grid.ids[row]])} on {grid.days()[day].date()}: {grid.y[row, day]:g}"
    return [f"sales over a thousand times the usual are not learned from: {found}, {first}"]


def report(counts: Counts, notes: Sequence[str]) -> dict[str, Any]:
    """Return what a report says of preparation: totals, series with days that teach nothing, and columns."""
    touched = {uid: own for uid, own in counts.items() if any(n for name, n in own.items() if name != "days")}
    return {"total": totals(counts), "series": touched, "idle_columns": list(notes)}


def _notes(kind: str, names: Sequence[str], columns: list[Array | None]) -> list[str]:
    notes, kept = [], dict[str, Array]()
    for name, values in zip(names, columns, strict=True):
        if values is None:
            notes.append(f"{kind} column {name!r} never varies: no model can learn from it")
            continue
        twin = next((other for other, seen in kept.items() if _repeats(values, seen)), None)
        if twin is None:
            kept[name] = values
        else:
            notes.append(f"{kind} column {name!r} only repeats {twin!r}: it adds nothing")
    return notes


def _standardised(cube: Array) -> list[Array | None]:
    """Return the known values of each column in standard deviations, NaN where unknown; None: constant."""
    found: list[Array | None] = []
    for column in np.moveaxis(cube, 2, 0):
        known = column[np.isfinite(column)]
        spread = known.std() if len(known) else 0.0
        flat = spread <= SAME * max(float(np.abs(known).max(initial=0.0)), 1e-300)
        found.append(None if flat else (column - known.mean()) / spread)
    return found


def _repeats(first: Array, second: Array) -> bool:
    if not np.array_equal(np.isnan(first), np.isnan(second)):
        return False
    one, other = first[np.isfinite(first)], second[np.isfinite(second)]
    return bool(min(np.abs(one - other).max(), np.abs(one + other).max()) < 1e-6)
