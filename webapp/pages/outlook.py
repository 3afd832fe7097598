"""What a stored forecast says about the coming days, in one line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from storage.models import ForecastRun


class DaySales(Protocol):
    """A day and what was sold on it."""

    @property
    def day(self) -> date:
        """The day."""

    @property
    def units(self) -> float | None:
        """Units sold, None where unknown."""


@dataclass(frozen=True)
class Outlook:
    """The total of the forecast days, its band, and the same number of days before the cut-off.

    `low` and `high` add up the days' 80% bounds, which is wider than the band of the total: days that err in
    different directions cancel out. The page says so.
    """

    days: int
    total: float
    low: float
    high: float
    before: float | None
    start: date
    end: date


def outlook(run: ForecastRun | None, history: Iterable[DaySales]) -> Outlook | None:
    """Sum up a run; None where there is none or it has no points."""
    if run is None or not run.points:
        return None
    points = sorted(run.points, key=lambda point: point.ds)
    return Outlook(
        days=len(points),
        total=sum(point.yhat for point in points),
        low=sum(point.bands.get("lo-80", point.yhat) for point in points),
        high=sum(point.bands.get("hi-80", point.yhat) for point in points),
        before=_before(run.cutoff, len(points), history),
        start=points[0].ds,
        end=points[-1].ds,
    )


def _before(cutoff: date, days: int, history: Iterable[DaySales]) -> float | None:
    known: Sequence[DaySales] = [day for day in history if day.day <= cutoff and day.units is not None][
        -days:
    ]
    return sum(day.units or 0 for day in known) if len(known) == days else None
