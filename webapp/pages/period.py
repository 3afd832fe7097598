"""The days a report speaks about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from storage.models import MarkedDay
from webapp.language import language

CHOICES = ("7", "30", "90", "all")
DEFAULT = "30"
CUSTOM = "custom"
FESTIVAL = "festival"


@dataclass(frozen=True)
class Festival:
    """A run of days of one 大促; `before` is the run of the same name before it, None without."""

    code: str
    name: str
    start: date
    end: date
    before: tuple[date, date] | None = None


@dataclass(frozen=True)
class Period:
    """Days from `start` to `end`, both included, the name the reader chose them by, and what they are."""

    name: str
    start: date
    end: date
    festival: Festival | None = None

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days + 1

    @property
    def args(self) -> dict[str, str]:
        """What an address says of it."""
        if self.name == CUSTOM:
            return {"from": self.start.isoformat(), "to": self.end.isoformat()}
        return {"festival": self.festival.code} if self.festival else {"days": self.name}


def read_period(
    args: Mapping[str, str], first: date, last: date, festivals: Sequence[Festival] = ()
) -> Period:
    """Turn a choice into days that end at the data cut-off, never at today: the data may be older.

    Parameters
    ----------
    args : mapping
        Of an address: ``days`` (one of `CHOICES`), or ``from`` and ``to``, or ``festival``; anything else
        means the last 30 days.
    first, last : date
        The first and the last day with data.
    festivals : sequence of Festival
        Those that may be chosen.
    """
    of = next((found for found in festivals if found.code == args.get("festival")), None)
    if of is not None:
        return Period(FESTIVAL, of.start, min(of.end, last), of)
    start, end = _day(args.get("from")), _day(args.get("to"))
    if start or end:
        start, end = max(start or first, first), min(end or last, last)
        if start <= end:
            return Period(CUSTOM, start, end)
    name = args.get("days")
    chosen = name if name in CHOICES else DEFAULT
    if chosen == "all":
        return Period(chosen, min(first, last), last)
    return Period(chosen, last - timedelta(days=int(chosen) - 1), last)


def festivals(marks: Iterable[MarkedDay], first: date, last: date) -> list[Festival]:
    """Return the newest run of days of each 大促 of which the data has a day, the newest first."""
    days: dict[str, list[MarkedDay]] = {}
    for mark in marks:
        if mark.kind == "promotion":
            days.setdefault(mark.name_zh, []).append(mark)
    found = [newest for of in days.values() if (newest := _newest(of, first, last))]
    return sorted(found, key=lambda festival: festival.start, reverse=True)


def _newest(marks: Sequence[MarkedDay], first: date, last: date) -> Festival | None:
    runs = [run for run in _runs(sorted(mark.day for mark in marks)) if run[1] >= first and run[0] <= last]
    if not runs:
        return None
    mark = marks[0]
    before = runs[-2] if len(runs) > 1 else None
    name = mark.name_zh if language() == "zh" else mark.name_en
    return Festival(mark.name_zh, name, *runs[-1], before)


def _runs(days: Iterable[date]) -> list[tuple[date, date]]:
    """Join consecutive days into (first, last) pairs."""
    runs: list[tuple[date, date]] = []
    for day in days:
        if runs and day - runs[-1][1] == timedelta(days=1):
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
