"""The main chart's data: sales, forecast fan and sentiment on one axis of days."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _

from storage.models import ForecastRun, MarkedDay
from storage.overview import DayPoint
from webapp.language import language
from webapp.pages.period import Period

CONTEXT_DAYS = 28
PRICE_STEP = 0.01


def chart(
    series: Sequence[DayPoint], run: ForecastRun | None, marks: Iterable[MarkedDay], period: Period
) -> dict[str, Any]:
    """Return what `report.js` draws, ready for JSON.

    Parameters
    ----------
    series : sequence of DayPoint
        One per day, without gaps.
    run : ForecastRun or None
        The forecast to draw behind the last day of sales.
    marks : iterable of MarkedDay
        Named days of the same span.
    period : Period
        What the reader chose; the chart opens on it, with at least four weeks around for context.
    """
    points = {point.ds: point for point in run.points} if run else {}
    known = {point.day: point for point in series}
    days = _days(known, points)
    ahead = [points.get(day) for day in days]
    reviewed = [point if point and point.reviews else None for point in map(known.get, days)]
    return {
        "days": [day.isoformat() for day in days],
        "units": [known[day].units if day in known else None for day in days],
        "positive": [point and point.positive for point in reviewed],
        "neutral": [point and point.reviews - point.positive - point.negative for point in reviewed],
        "negative": [point and point.negative for point in reviewed],
        "forecast": [point and _rounded(point.yhat) for point in ahead],
        "bands": {
            level: [point and _rounded(point.bands.get(level)) for point in ahead]
            for level in ("lo-80", "hi-80", "lo-95", "hi-95")
            if points
        },
        "marks": _marks(marks, days),
        "prices": price_changes(series),
        "stockouts": _spans([point.day for point in series if point.stockout]),
        "from": max(min(period.start, period.end - timedelta(days=CONTEXT_DAYS - 1)), days[0]).isoformat()
        if days
        else None,
        "words": _words(),
    }


def price_changes(series: Sequence[DayPoint]) -> list[dict[str, Any]]:
    """Return the days whose price differs by a hundredth or more from the last known price before."""
    changes, last = [], None
    for point in series:
        if point.price is None:
            continue
        if last is not None and abs(point.price - last) >= PRICE_STEP * last:
            changes.append(
                {"day": point.day.isoformat(), "before": round(last, 2), "now": round(point.price, 2)}
            )
            last = point.price
        last = point.price if last is None else last
    return changes


def _days(known: dict[date, DayPoint], points: dict[date, Any]) -> list[date]:
    """Return every day from the first to the last of both, gaps between data and forecast included."""
    every = [*known, *points]
    if not every:
        return []
    first, last = min(every), max(every)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def mark_names(marks: Iterable[MarkedDay]) -> dict[date, str]:
    """Return what each marked day is called, several names joined."""
    names: dict[date, list[str]] = {}
    for mark in marks:
        names.setdefault(mark.day, []).append(_name(mark))
    return {day: " · ".join(found) for day, found in names.items()}


def _name(mark: MarkedDay) -> str:
    return mark.name_zh if language() == "zh" else mark.name_en


def _marks(marks: Iterable[MarkedDay], days: Sequence[date]) -> list[dict[str, str]]:
    """Join the consecutive days of an event into one span, cut to the chart's days."""
    if not days:
        return []
    events: dict[tuple[str, str], list[date]] = {}
    for mark in marks:
        if days[0] <= mark.day <= days[-1]:
            events.setdefault((_name(mark), mark.kind), []).append(mark.day)
    spans = [
        {"name": name, "kind": kind, "first": first, "last": last}
        for (name, kind), found in events.items()
        for first, last in _spans(found)
    ]
    return sorted(spans, key=lambda span: (span["first"], span["name"]))


def _spans(days: Sequence[date]) -> list[tuple[str, str]]:
    """Join consecutive days into (first, last) pairs."""
    spans: list[list[date]] = []
    for day in sorted(days):
        if spans and day - spans[-1][1] == timedelta(days=1):
            spans[-1][1] = day
        else:
            spans.append([day, day])
    return [(first.isoformat(), last.isoformat()) for first, last in spans]


def _words() -> dict[str, str]:
    return {
        "units": _("Units sold"),
        "forecast": _("Forecast"),
        "band80": _("80% band"),
        "band95": _("95% band"),
        "positive": _("Positive"),
        "neutral": _("Neutral, unsure or not scored yet"),
        "negative": _("Negative"),
        "reviews": _("Reviews"),
        "stockout": _("Out of stock"),
        "price": _("Price"),
        "click": _("Click a day to read its reviews"),
    }
