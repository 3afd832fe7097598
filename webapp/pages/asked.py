"""A what-if beside the forecast without it: days, total, and what moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from reports.causes import Cause, totals
from storage.models import ForecastPoint, ForecastRun
from webapp.pages.lines import lines, series
from webapp.pages.whatif import Whatif, whatif

WAITING = ("queued", "running")
LEVELS = ("95", "80")
HALF = 0.5


@dataclass(frozen=True)
class Moved:
    """A driver's effect in the forecast as it is and in the what-if, in units over the days."""

    cause: Cause
    base: float
    scenario: float

    @property
    def difference(self) -> float:
        """What the scenario changes about it, between the whole units that are shown."""
        return round(self.scenario) - round(self.base)


@dataclass(frozen=True)
class Asked:
    """A what-if in words, and once it and the plain forecast are there, both beside each other."""

    run: ForecastRun
    said: Whatif
    waiting: bool
    base_total: float | None
    chart: dict[str, Any] | None
    moved: list[Moved]

    @property
    def difference(self) -> float | None:
        """Units more or less than without it, between the whole totals that are shown."""
        if self.said.total is None or self.base_total is None:
            return None
        return round(self.said.total) - round(self.base_total)


def asked(run: ForecastRun, base: ForecastRun | None) -> Asked:
    """Put a run with a scenario beside the plain run of the same data."""
    pending = [one for one in (run, base) if one is not None and one.state in WAITING]
    done = base if base is not None and base.state == "succeeded" else None
    answered = run.state == "succeeded"
    return Asked(
        run=run,
        said=whatif(run),
        waiting=run.state in WAITING or (answered and bool(pending)),
        base_total=sum(point.yhat for point in done.points) if done else None,
        chart=_chart(run, done) if answered else None,
        moved=_moved(run, done) if answered and done else [],
    )


def _moved(run: ForecastRun, base: ForecastRun) -> list[Moved]:
    """Return the drivers that differ by half a unit or more, and the level that none explains."""
    before, after = totals(base.drivers), totals(run.drivers)
    usual: Cause = ("usual", "")
    before[usual], after[usual] = _usual(base), _usual(run)
    rows = [Moved(cause, before.get(cause, 0.0), after.get(cause, 0.0)) for cause in before | after]
    felt = [row for row in rows if abs(row.scenario - row.base) >= HALF]
    return sorted(felt, key=lambda row: -abs(row.difference))


def _usual(run: ForecastRun) -> float:
    return sum(point.yhat for point in run.points) - sum(totals(run.drivers).values())


def _chart(run: ForecastRun, base: ForecastRun | None) -> dict[str, Any]:
    days = sorted({point.ds for one in (run, base) if one for point in one.points})
    drawn = [_curve(_("Forecast as it is"), base, days, "neutral")] if base else []
    drawn.append(_curve(_("Forecast with the change"), run, days, "forecast"))
    return lines(_("Day"), [day.isoformat() for day in days], drawn, panels=[_("Units")])


def _curve(name: str, run: ForecastRun, days: Sequence[date], tone: str) -> dict[str, Any]:
    points = {point.ds: point for point in run.points}
    known = [points.get(day) for day in days]
    bands = {
        f"{name}, {level}%": (_bound(known, f"lo-{level}"), _bound(known, f"hi-{level}")) for level in LEVELS
    }
    return series(
        name,
        [point.yhat if point else None for point in known],
        tone,
        dashed=tone == "neutral",
        bands=bands,
    )


def _bound(points: Sequence[ForecastPoint | None], name: str) -> list[float | None]:
    return [point.bands.get(name) if point else None for point in points]
