"""The long panel: what it must look like, and errors that name the series that do not."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from forecasting.days import read_days, refuse_other_frequencies
from forecasting.errors import PanelError as PanelError
from forecasting.errors import name_ids as name_ids
from forecasting.errors import refuse

KEY = ["unique_id", "ds"]
STOCKOUT = "stockout"
SEASON = 7
HIGHEST = 1e15


@dataclass(frozen=True)
class PanelSpec:
    """Which columns are known when.

    Parameters
    ----------
    freq : str
        Only ``"D"``: one row per day.
    future : tuple of str
        Columns known ahead of time (promotions, prices, holidays).
    past : tuple of str
        Columns known only once the day is over (sentiment, views).
    static : tuple of str
        Columns that never change within a series (category, brand).
    """

    freq: str = "D"
    future: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    static: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.freq != "D":
            raise PanelError(f"freq must be 'D' (daily), not {self.freq!r}")
        names = [*self.future, *self.past, *self.static]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise PanelError(f"columns declared more than once: {', '.join(twice)}")
        reserved = sorted({*KEY, "y", STOCKOUT} & set(names))
        if reserved:
            raise PanelError(f"columns with a fixed meaning cannot be exogenous: {', '.join(reserved)}")

    def without_past(self, names: Iterable[str]) -> "PanelSpec":
        """Return the same declaration without these past columns."""
        dropped = set(names)
        kept = tuple(name for name in self.past if name not in dropped)
        return PanelSpec(self.freq, self.future, kept, self.static)

    def to_json(self) -> dict[str, Any]:
        """Return the declaration as JSON-ready values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "PanelSpec":
        """Rebuild what `to_json` returned."""
        return cls(values["freq"], *(tuple(values[name]) for name in ("future", "past", "static")))


def validate_panel(df: pd.DataFrame, spec: PanelSpec, horizon: int = 0) -> pd.DataFrame:
    """Check a long panel and put it on a regular daily grid, in order of id and day.

    An absent day between a series' first day and the panel's last day with sales is a day without sales
    (``y`` = 0). A day that is present with an empty ``y`` stays unknown, and so does a day whose
    ``stockout`` is 1: demand was there, but could not be seen. Rows after the last day with a ``y`` carry
    future columns only.

    Parameters
    ----------
    df : DataFrame
        Columns ``unique_id, ds, y``, those of ``spec`` and optionally ``stockout``; rows in any order.
    spec : PanelSpec
        The declared columns.
    horizon : int
        When positive, every future column must be known for this many days after the last day.

    Returns
    -------
    DataFrame
        ``unique_id, ds, y``, the declared columns and ``stockout`` where given; the input is not modified.

    Raises
    ------
    PanelError
        For missing columns, days that cannot be read or are weeks apart (see `forecasting.days`), duplicates,
        non-numeric, infinite, negative or enormous values, a static column that changes, or future values
        that are missing; each names the ids.
    """
    panel = read_rows(df, spec)
    optional = [STOCKOUT] if STOCKOUT in panel else []
    for column in ["y", *optional]:
        refuse(panel, panel[column] < 0, f"negative {column}")
        refuse(panel, panel[column] > HIGHEST, f"{column} above {HIGHEST:g}")
    refuse(panel, panel.duplicated(KEY), "more than one row for a day")
    for column in spec.static:
        changing = panel.groupby("unique_id")[column].nunique(dropna=False)
        if (changing > 1).any():
            raise PanelError(
                f"static column {column!r} changes within {name_ids(changing.index[changing > 1])}"
            )
    if panel["y"].notna().sum() == 0:
        raise PanelError("column 'y' holds no value")
    panel = panel.sort_values(KEY, ignore_index=True)
    refuse_other_frequencies(panel.loc[panel["ds"] <= last_day(panel), KEY])
    panel = _fill_gaps(panel, spec, optional)
    if horizon:
        require_future(panel, spec, horizon)
    return panel


def read_rows(df: pd.DataFrame, spec: PanelSpec) -> pd.DataFrame:
    """Read the declared columns of a long panel, its days and its numbers, row by row as they were given.

    Raises
    ------
    PanelError
        For missing columns, unreadable days and what is no number; names the ids.
    """
    optional = [STOCKOUT] if STOCKOUT in df.columns else []
    numeric = ["y", *spec.future, *spec.past, *optional]
    panel = _select(df, [*KEY, *numeric, *spec.static])
    panel["ds"] = read_days(panel)
    for column in numeric:
        panel[column] = numbers(panel, column)
    return panel


def last_day(panel: pd.DataFrame) -> pd.Timestamp:
    """Return the last day on which any series has a ``y``: the cutoff of everything learned from it."""
    return pd.Timestamp(panel.loc[panel["y"].notna(), "ds"].max())


def require_future(panel: pd.DataFrame, spec: PanelSpec, horizon: int) -> None:
    """Raise unless every series has every future column on each of the ``horizon`` days ahead.

    Raises
    ------
    PanelError
        Naming the column, the ids and the days needed.
    """
    start = last_day(panel)
    ahead = panel[(panel["ds"] > start) & (panel["ds"] <= start + pd.Timedelta(days=horizon))]
    ids = panel["unique_id"].drop_duplicates()
    for column in spec.future:
        known = ahead.groupby("unique_id")[column].count().reindex(ids, fill_value=0)
        if (known < horizon).any():
            raise PanelError(
                f"future column {column!r} must be known for the {horizon} days after {start.date()}; "
                f"missing for {name_ids(known.index[known < horizon])}"
            )


def _select(df: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    missing = [column for column in columns if column not in df.columns]
    if missing:
        raise PanelError(f"missing columns: {', '.join(missing)}; found: {', '.join(map(str, df.columns))}")
    twice = df.columns[df.columns.duplicated()].intersection(list(columns))
    if len(twice):
        raise PanelError(f"there is more than one column {', '.join(twice)}")
    if df.empty:
        raise PanelError("the panel has no rows")
    panel = df.loc[:, list(columns)].reset_index(drop=True)
    ids = panel["unique_id"].astype(str)
    empty = panel["unique_id"].isna() | (ids.str.strip() == "")
    if empty.any():
        raise PanelError(f"column 'unique_id' is empty in {int(empty.sum())} rows")
    panel["unique_id"] = ids
    return panel


def numbers(panel: pd.DataFrame, column: str) -> "pd.Series[float]":
    """Read a column as numbers, NaN where it is empty or blank.

    Raises
    ------
    PanelError
        For words and infinite values; names the ids.
    """
    given = panel[column]
    values = pd.to_numeric(given, errors="coerce").astype("float64")
    lost = values.isna() & given.notna()
    if lost.any():
        lost &= given.astype(str).str.strip() != ""
    refuse(panel, lost, f"column {column!r} is not a number")
    refuse(panel, values.abs() == np.inf, f"column {column!r} is infinite")
    return values


def _fill_gaps(panel: pd.DataFrame, spec: PanelSpec, optional: Sequence[str]) -> pd.DataFrame:
    """Give every series a row for each day from its first to the panel's last."""
    end = last_day(panel)
    dates = panel.groupby("unique_id", sort=True)["ds"].agg(["min", "max"])
    stops = dates["max"].where(dates["max"] > end, end)
    lengths = ((stops - dates["min"]).dt.days + 1).clip(lower=1).to_numpy()
    starts = np.repeat(dates["min"].to_numpy(), lengths)
    steps = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    full = pd.DataFrame(
        {
            "unique_id": np.repeat(dates.index.to_numpy(), lengths),
            "ds": starts + pd.to_timedelta(steps, unit="D").to_numpy(),
        }
    )
    full = full.merge(panel.assign(_given=True), on=KEY, how="left")
    absent = full.pop("_given").isna() & (full["ds"] <= end)
    full.loc[absent, "y"] = 0.0
    for column in optional:
        full.loc[absent, column] = 0.0
    for column in spec.future:
        known = full["ds"] <= end
        full.loc[known, column] = _fill_known(full.loc[known], column)
    for column in spec.static:
        full[column] = full.groupby("unique_id")[column].transform("first")
    return full


def _fill_known(history: pd.DataFrame, column: str) -> "pd.Series[float]":
    """Fill a known-ahead column on absent days: a calendar's value of the day, else the series' last."""
    per_day = history.groupby("ds")[column].agg(["min", "max", "count"])
    several = per_day[per_day["count"] > 1]
    filled = history[column]
    if len(several) and (several["min"] == several["max"]).all():
        filled = filled.fillna(history["ds"].map(per_day["min"]))
    return filled.groupby(history["unique_id"]).ffill().fillna(0.0)
