"""How often sales fell into the bands, by how many days ahead they were forecast."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from reports.interval import wilson
from storage.models import Backtest
from webapp.pages.lines import lines, series

LEVELS = (80, 95)
Counts = Mapping[str, Sequence[int]]


@dataclass(frozen=True)
class Share:
    """How many of `n` days were inside, with Wilson's interval."""

    inside: int
    n: int

    @property
    def share(self) -> float | None:
        """The realised coverage; None without a day."""
        return self.inside / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95% interval of the share."""
        return wilson(self.inside, self.n)


@dataclass(frozen=True)
class Step:
    """A day of the horizon: what the product's own bands kept, and those of all products trained with it."""

    ahead: int
    own: dict[int, Share]
    everyone: dict[int, Share]


def steps(backtest: Backtest | None) -> list[Step]:
    """Return a line per day of the horizon; none without a backtest."""
    if backtest is None or not backtest.cv:
        return []
    own = _counted(backtest.cv)
    everyone = backtest.model.params.get("bands") or {}
    return [
        Step(ahead, {level: counts[level] for level in LEVELS}, _of(everyone, ahead))
        for ahead, counts in sorted(own.items())
    ]


def steps_chart(found: Sequence[Step]) -> dict[str, Any] | None:
    """Draw the coverage by day ahead beside what was promised; of all products where that was kept."""
    if not found:
        return None
    shared = all(step.everyone for step in found)
    drawn: list[dict[str, Any]] = []
    for level, tone in zip(LEVELS, ("series-1", "forecast"), strict=True):
        shares = [(step.everyone if shared else step.own)[level] for step in found]
        bounds = [share.interval or (None, None) for share in shares]
        low, high = ([_percent(bound[side]) for bound in bounds] for side in (0, 1))
        drawn += [
            series(
                _("%(level)s%% band, realised", level=level),
                [_percent(share.share) for share in shares],
                tone,
                bands={_("Interval (95%)"): (low, high)},
            ),
            series(_("%(level)s%% promised", level=level), [float(level)] * len(found), tone, dashed=True),
        ]
    return lines(_("Days ahead"), [str(step.ahead) for step in found], drawn, panels=["%"])


def _percent(share: float | None) -> float | None:
    return None if share is None else share * 100


def _counted(cv: Sequence[Mapping[str, Any]]) -> dict[int, dict[int, Share]]:
    days: dict[int, list[Mapping[str, Any]]] = {}
    for point in (point for point in cv if point.get("y") is not None):
        ahead = (date.fromisoformat(point["ds"]) - date.fromisoformat(point["cutoff"])).days
        days.setdefault(ahead, []).append(point)
    return {ahead: {level: _share(points, level) for level in LEVELS} for ahead, points in days.items()}


def _share(points: Sequence[Mapping[str, Any]], level: int) -> Share:
    known = [point for point in points if point.get(f"lo-{level}") is not None]
    inside = sum(point[f"lo-{level}"] <= point["y"] <= point[f"hi-{level}"] for point in known)
    return Share(inside, len(known))


def _of(counts: Counts, ahead: int) -> dict[int, Share]:
    if ahead not in counts.get("steps", ()):
        return {}
    at = list(counts["steps"]).index(ahead)
    return {level: Share(counts[str(level)][at], counts["n"][at]) for level in LEVELS if str(level) in counts}
