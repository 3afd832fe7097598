"""The days a report speaks about."""

from dataclasses import dataclass
from datetime import date, timedelta

CHOICES = ("7", "30", "90", "all")
DEFAULT = "30"


@dataclass(frozen=True)
class Period:
    """Days from `start` to `end`, both included, and the name the reader chose them by."""

    name: str
    start: date
    end: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days + 1


def read_period(name: str | None, first: date, last: date) -> Period:
    """Turn a choice into days that end at the data cut-off, never at today: the data may be older.

    Parameters
    ----------
    name : str or None
        One of `CHOICES`; anything else means the last 30 days.
    first, last : date
        The first and the last day with data.
    """
    chosen = name if name in CHOICES else DEFAULT
    if chosen == "all":
        return Period(chosen, min(first, last), last)
    return Period(chosen, last - timedelta(days=int(chosen) - 1), last)
