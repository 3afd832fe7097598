"""The days of a panel: read from whatever stands for them, and refused where they are no daily calendar."""

import numpy as np
import pandas as pd

from forecasting.errors import PanelError, name_ids, refuse

ZONE = r"\d[T ]\d{1,2}.*(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)$"
YEAR_LAST = r"^\s*(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})"
FIRST_YEAR, LAST_YEAR = 1901, 2098
LONGEST_PAUSE = 3 * 366
WEEK = 7
LONGEST_MONTH = 31
LEAST_WEEKS, LEAST_MONTHS = 6, 4


def read_days(panel: pd.DataFrame) -> "pd.Series[pd.Timestamp]":
    """Read ``ds``: dates, timestamps at midnight or text such as 2026-01-05, 20260105 or 2026年1月5日.

    Text with the year last is read day or month first, as any of its days above 12 shows.

    Parameters
    ----------
    panel : DataFrame
        With ``unique_id`` and ``ds``.

    Returns
    -------
    Series
        Days as ``datetime64[ns]``.

    Raises
    ------
    PanelError
        For what is no date, may be read in two ways, has a time zone or a time of day, or lies years away
        from all other days; names the ids.
    """
    given = panel["ds"]
    if not pd.api.types.is_datetime64_dtype(given):
        given = _from_text(panel, given.astype(str).str.strip().where(given.notna(), ""))
    refuse(panel, given.isna(), "column 'ds' is not a date")
    wrong = ~given.dt.year.between(FIRST_YEAR, LAST_YEAR)
    refuse(panel, wrong, f"column 'ds' is not between {FIRST_YEAR} and {LAST_YEAR}")
    refuse(panel, given != given.dt.normalize(), "column 'ds' holds a time of day, expected one row per day,")
    days = given.astype("datetime64[ns]")
    refuse(panel, _astray(days), f"column 'ds' is more than {LONGEST_PAUSE} days from all other days")
    return days


def refuse_other_frequencies(panel: pd.DataFrame) -> None:
    """Refuse series whose rows are a week or a month apart, for their days between would count as zero.

    That is at least seven rows a week or several weeks apart, most of them one week, or all of them as many
    days apart; or at least five on the same day of different months. Goods that sell now and then hardly ever
    do so by the calendar.

    Parameters
    ----------
    panel : DataFrame
        ``unique_id`` and ``ds``, sorted, without duplicates, up to the last day with sales.

    Raises
    ------
    PanelError
        Naming the frequency and the ids.
    """
    same = panel["unique_id"] == panel["unique_id"].shift()
    panel = panel.assign(gap=panel["ds"].diff().dt.days.where(same))
    panel = panel[~panel["unique_id"].isin(panel.loc[panel["gap"] < WEEK, "unique_id"].unique())]
    found: dict[str, list[str]] = {}
    for uid, rows in panel.groupby("unique_id"):
        if len(rows) > LEAST_MONTHS and (name := _frequency(rows["gap"].iloc[1:], rows["ds"])):
            found.setdefault(name, []).append(str(uid))
    named = " and ".join(f"{name} in {name_ids(uids)}" for name, uids in found.items())
    if named:
        raise PanelError(
            f"mixed frequencies: rows are {named}, expected a row a day; "
            "where the days between sold nothing, give them with y = 0"
        )


def _frequency(gaps: "pd.Series[float]", days: "pd.Series[pd.Timestamp]") -> str | None:
    """Name by what calendar the rows of a series come, if by any."""
    if len(gaps) >= LEAST_WEEKS and (gaps % WEEK == 0).all() and (gaps == WEEK).mean() >= 0.5:
        return "weekly"
    if days.dt.day.nunique() == 1 or days.dt.is_month_end.all():
        return "monthly" if (gaps <= LONGEST_MONTH).mean() >= 0.5 else "months apart"
    if len(gaps) >= LEAST_WEEKS and gaps.nunique() == 1:
        return f"{gaps.iloc[0]:.0f} days apart"
    return None


def _from_text(panel: pd.DataFrame, text: "pd.Series[str]") -> "pd.Series[pd.Timestamp]":
    zoned = text.str.contains(ZONE)
    mixed = "mixes days with and" if not zoned[text != ""].all() else "must hold days"
    refuse(panel, zoned, f"column 'ds' {mixed} without a time zone: there is one")
    text = text.str.replace(r"[年月]", "-", regex=True).str.replace("日", "")
    parts = text.str.extract(YEAR_LAST)[[0, 1]].astype(float)
    if parts[0].notna().any():
        day_first, month_first = (parts > 12).any()
        unclear = "may have the day or the month first, write 2026-01-31,"
        if day_first == month_first:
            refuse(panel, parts[0].notna(), f"column 'ds' {unclear}")
        text = text.str.replace(YEAR_LAST, r"\3-\2-\1" if day_first else r"\3-\1-\2", regex=True)
    codes, unique = pd.factorize(text.where(text.str.contains(r"\d{4}"), ""))
    days = pd.Series(pd.to_datetime(pd.Series(unique), errors="coerce", format="mixed"))
    return pd.Series(days.to_numpy()[codes], index=text.index)


def _astray(days: "pd.Series[pd.Timestamp]") -> "pd.Series[bool]":
    """Tell which rows are on the smaller side of a pause of years: most likely a year was mistyped."""
    known = np.sort(days.unique())
    pauses = np.flatnonzero(np.diff(known) > np.timedelta64(LONGEST_PAUSE, "D"))
    astray = pd.Series(False, index=days.index)
    for pause in pauses:
        before = days <= known[pause]
        astray |= before if before.sum() <= len(days) / 2 else ~before
    return astray
