"""The backtest over its cutoffs: a chart of what each model said, and a line of measures for each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from storage.models import Backtest
from webapp.pages.comparison import BASELINE, SERVICE, Row, comparison
from webapp.pages.lines import lines, series
from webapp.pages.names import model

OWN = ("ds", "cutoff", "y", "yhat", "lo-80", "hi-80", "lo-95", "hi-95")
TONES = ("series-1", "series-2", "series-3", "series-4", "series-5")


@dataclass(frozen=True)
class Measured:
    """A model's line: `row` as the report shows it, and what the report leaves out."""

    row: Row
    rmsse: float | None
    coverage: Mapping[int, float | None]
    width: Mapping[int, float | None]
    n: int | None


def measured(backtest: Backtest | None) -> list[Measured]:
    """Return a line per model, the smallest WAPE first."""
    return [
        Measured(
            row,
            metrics.get("rmsse"),
            {level: metrics.get(f"coverage_{level}") for level in (80, 95)},
            {level: metrics.get(f"width_{level}") for level in (80, 95)},
            int(metrics["n"]) if metrics.get("n") else None,
        )
        for row in comparison(backtest)
        for metrics in (backtest.metrics[row.model] if backtest else {},)
    ]


def cutoff_chart(backtest: Backtest | None) -> dict[str, Any] | None:
    """Return the chart of the backtest days; None where nothing was backtested."""
    if backtest is None or not backtest.cv:
        return None
    points = sorted(backtest.cv, key=lambda point: str(point["ds"]))
    return lines(
        _("Day"),
        [point["ds"] for point in points],
        [
            series(_("Units sold"), _column(points, "y"), "sales"),
            series(model(SERVICE), _column(points, "yhat"), "forecast", bands=_bands(points)),
            *_others(points),
        ],
        panels=[_("Units sold")],
        marks=[(first, _("cutoff %(day)s", day=cutoff)) for cutoff, first in _starts(points).items()],
        zoom=True,
    )


def reason(backtest: Backtest | None) -> str | None:
    """Say why the product's models speak; None where that was not kept."""
    choice = (backtest.findings.get("choice") if backtest else None) or {}
    weights = choice.get("weights") or {}
    if not weights:
        return None
    words = {"products": choice["series"], "group": group(choice["group"])}
    if set(weights) == {BASELINE}:
        return _(
            "At earlier cutoffs no model beat seasonal naive for the products of this kind "
            "(%(group)s, %(products)s of them), so seasonal naive speaks.",
            **words,
        )
    parts = sorted(weights.items(), key=lambda item: -item[1])
    mixture = " + ".join(f"{share:.0%} {model(alias)}" for alias, share in parts)
    return _(
        "At earlier cutoffs this erred least for the products of this kind (%(group)s, %(products)s of "
        "them): %(mixture)s.",
        mixture=mixture,
        **words,
    )


def group(code: str) -> str:
    """Name a kind of demand."""
    return {
        "smooth": _("steady demand"),
        "erratic": _("demand of changing size"),
        "intermittent": _("demand with gaps"),
        "lumpy": _("demand with gaps and of changing size"),
        "short": _("less than eight weeks of sales"),
        "new": _("less than two weeks of sales"),
        "all": _("all kinds of demand"),
    }.get(code, code)


def _column(points: Sequence[Mapping[str, Any]], name: str) -> list[float | None]:
    return [point.get(name) for point in points]


def _bands(points: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    found = {
        name: (_column(points, f"lo-{level}"), _column(points, f"hi-{level}"))
        for level, name in ((95, _("95% band")), (80, _("80% band")))
    }
    return {name: pair for name, pair in found.items() if any(value is not None for value in pair[0])}


def _others(points: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the models but the service; seasonal naive shows at once, the others when asked for."""
    names = sorted({name for point in points for name in point} - set(OWN) - {SERVICE})
    for place, name in enumerate(sorted(names, key=lambda name: name != BASELINE)):
        naive = name == BASELINE
        tone = "neutral" if naive else TONES[place % len(TONES)]
        yield series(model(name), _column(points, name), tone, dashed=naive, off=not naive)


def _starts(points: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the first day forecast from each cutoff."""
    starts: dict[str, str] = {}
    for point in points:
        starts.setdefault(point["cutoff"], point["ds"])
    return starts
