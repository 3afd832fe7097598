"""What was asked with a scenario, and what came of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from storage.models import ForecastRun
from webapp.pages.format import grouped
from webapp.pages.names import driver
from webapp.pages.remarks import run_remarks

SPAN = ("from", "to")


@dataclass(frozen=True)
class Whatif:
    """A scenario in words, the days and total it was forecast for, and what is remarked on it.

    `total` is None where it was refused; then the remarks say why.
    """

    wish: str
    days: int
    total: float | None
    remarks: list[str]


def whatif(run: ForecastRun) -> Whatif:
    """Read an ended run with a scenario."""
    total = sum(point.yhat for point in run.points) if run.state == "succeeded" else None
    said = run_remarks(run) or [*run.warnings, *([run.error] if run.error else [])]
    return Whatif(_("; ").join(_wishes(run.scenario)), run.horizon, total, said)


def _wishes(scenario: Mapping[str, Any]) -> Iterator[str]:
    for name, value in scenario.items():
        if name == "sentiment":
            yield from (_reviews(wish) for wish in value)
        elif name == "discount":
            yield f"{driver(name)} {value:.0%}"
        elif name == "holiday":
            yield _("days off") if value else _("no days off")
        elif name not in SPAN:
            yield f"{driver(name)} {grouped(value, 2)}"
    if any(name in scenario for name in SPAN):
        yield f"{scenario.get('from', '')} – {scenario.get('to', '')}"


def _reviews(wish: Mapping[str, Any]) -> str:
    about = driver(f"sentiment:{wish['aspect']}", wish["polarity"])
    return f"{about} {wish['change']:+.0%}"
