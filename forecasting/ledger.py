"""What preparation changed, cell by cell, and how to take it back."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from forecasting.days import read_days
from forecasting.errors import PanelError

COLUMNS = ["row", "unique_id", "ds", "change", "column", "before", "after", "step", "reason"]
CHANGED, ADDED, REMOVED = "changed", "added", "removed"
LABEL = "label"


def entries(rows: pd.DataFrame, change: str, column: str, after: Any, step: str, reason: str) -> pd.DataFrame:
    """Return ledger entries about a column of some rows of a panel, as they are before the change.

    Parameters
    ----------
    rows : DataFrame
        The rows, indexed by their number.
    change : str
        ``changed``, ``added`` (the row was not there) or ``removed`` (the row is gone).
    column : str
        The column.
    after : Any
        Its new values, one or a Series.
    step, reason : str
        Who changed it and why.
    """
    return pd.DataFrame(
        {
            "row": rows.index,
            "unique_id": rows["unique_id"].to_numpy(),
            "ds": rows["ds"].to_numpy(),
            "change": change,
            "column": column,
            "before": rows[column].astype(object).to_numpy() if change != ADDED else np.nan,
            "after": np.asarray(after, dtype=object) if np.ndim(after) else after,
            "step": step,
            "reason": reason,
        },
        columns=COLUMNS,
    ).astype({"before": object, "after": object})


def join(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Put ledgers behind each other, in the order of the steps."""
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=COLUMNS)


def undo(frame: pd.DataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    """Take back everything in a ledger, last step first.

    Parameters
    ----------
    frame : DataFrame
        What preparation returned, indexed by the number of each row.
    ledger : DataFrame
        What it changed.

    Returns
    -------
    DataFrame
        The rows as they were read, in their first order.

    Raises
    ------
    PanelError
        When the frame holds other values than the ledger left there.
    """
    frame = frame.copy()
    for step in reversed(ledger["step"].drop_duplicates().tolist()):
        own = ledger[ledger["step"] == step]
        for column, cells in own[own["change"] == CHANGED].groupby("column"):
            _check(frame, cells, str(column))
            frame.loc[cells["row"], column] = _as(frame[column], cells["before"]).to_numpy()
        frame = frame.drop(index=own.loc[own["change"] == ADDED, "row"].unique())
        removed = own[own["change"] == REMOVED]
        if len(removed):
            back = removed.pivot(index="row", columns="column", values="before")
            back = pd.DataFrame({name: _as(frame[name], back[name]) for name in back}, index=back.index)
            frame = pd.concat([frame, back.reindex(columns=frame.columns)])
    return frame.drop(columns=LABEL, errors="ignore").sort_index().rename_axis(None)


def write(frame: pd.DataFrame, ledger: pd.DataFrame, folder: Path) -> None:
    """Write ``prepared.csv``, its rows numbered, and ``ledger.csv`` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    frame.sort_values(["unique_id", "ds"]).to_csv(folder / "prepared.csv", index_label="row")
    ledger.to_csv(folder / "ledger.csv", index=False)


def read(prepared: Path, ledger: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read what `write` wrote.

    Raises
    ------
    PanelError
        When the files are not what `write` wrote; names them.
    """
    read_frames = []
    for path, needed in ((prepared, ["row", "unique_id", "ds", "y"]), (ledger, COLUMNS)):
        types = {"before": object, "after": object, "ds": str, LABEL: str}
        frame = pd.read_csv(
            path, dtype=types, converters={"unique_id": str}, float_precision="round_trip", low_memory=False
        )
        missing = [column for column in needed if column not in frame]
        if missing:
            raise PanelError(f"{path} was not written by prepare: it has no {', '.join(missing)}")
        read_frames.append(frame.assign(ds=read_days(frame)) if len(frame) else frame)
    frame, entries_ = read_frames
    if LABEL in frame:
        frame[LABEL] = frame[LABEL].fillna("")
    return frame.set_index("row"), entries_


def _check(frame: pd.DataFrame, cells: pd.DataFrame, column: str) -> None:
    known = cells["row"].isin(frame.index)
    now = frame.loc[cells.loc[known, "row"], column].to_numpy()
    then = _as(frame[column], cells.loc[known, "after"]).to_numpy()
    same = (now == then) | (pd.isna(now) & pd.isna(then))
    if not (known.all() and same.all()):
        raise PanelError(f"column {column!r} is not what the ledger left: the two do not belong together")


def _as(column: "pd.Series[Any]", values: "pd.Series[Any]") -> "pd.Series[Any]":
    """Give values read from text the type of their column."""
    if pd.api.types.is_numeric_dtype(column):
        return values.map(float)
    if pd.api.types.is_datetime64_dtype(column):
        return pd.to_datetime(values)
    return values.where(values.notna(), "") if column.name == LABEL else values
