"""Errors about a panel, which name the series that are wrong."""

from collections.abc import Iterable

import pandas as pd


class PanelError(ValueError):
    """A panel, or a request about one, that cannot be served; the message says which series and why."""


class TooShortError(PanelError):
    """A history that is too short for what was asked."""


def name_ids(ids: Iterable[object], limit: int = 5) -> str:
    """List distinct ids for an error message, the first few by name and each on one line."""
    known = sorted({" ".join(str(value).split()) for value in ids})
    more = f" and {len(known) - limit} more" if len(known) > limit else ""
    return ", ".join(known[:limit]) + more


def refuse(panel: pd.DataFrame, bad: "pd.Series[bool]", what: str) -> None:
    """Raise where any row is bad.

    Parameters
    ----------
    panel : DataFrame
        With ``unique_id`` and ``ds``, of any type.
    bad : Series of bool
        The rows that are wrong.
    what : str
        What is wrong with them, to stand before "in 3 rows of a, b, first a on 2026-01-05".

    Raises
    ------
    PanelError
    """
    if bad.any():
        first = panel.loc[bad].iloc[0]
        raise PanelError(
            f"{what} in {int(bad.sum())} rows of {name_ids(panel.loc[bad, 'unique_id'])}, "
            f"first {name_ids([first['unique_id']])} on {str(first['ds'])[:10]}"
        )
