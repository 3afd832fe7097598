"""The figures of a snapshot as named tables: what a workbook, a page of paper and a shared link show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reports.interval import net_interval, wilson
from reports.words import aspect_name, model_name, word

BANDS = ("lo-80", "hi-80", "lo-95", "hi-95")
BASELINE, SERVICE = "SeasonalNaive", "Fengping"
UNITS = ("units", "revenue", "price", "promo", "stockout", "reviews", "positive", "negative")

Figures = Mapping[str, Any]
Cell = str | float | int | None


@dataclass(frozen=True)
class Column:
    """A column's name and its kind: `text`, `id`, `day`, `count`, `number`, `share` or `flag` (1 is yes)."""

    name: str
    kind: str


@dataclass(frozen=True)
class Chart:
    """What to draw of a table: `line` or `column`, over the first column, of the columns named by place."""

    kind: str
    title: str
    columns: tuple[int, ...]
    stacked: bool = False


@dataclass(frozen=True)
class Table:
    """A sheet: rows have a cell per column; numbers are numbers, days are text like 2026-11-11."""

    key: str
    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    chart: Chart | None = None


def tables_of(figures: Figures, language: str) -> list[Table]:
    """Return the seven tables of a snapshot, in order, in Chinese (`zh`) or English (`en`)."""
    made = (_overview, _daily, _forecast, _sentiment, _aspects, _models, _method)
    return [make(figures, language) for make in made]


def columns_of(language: str, *columns: tuple[str, str]) -> tuple[Column, ...]:
    """Name columns given as (code, kind)."""
    return tuple(Column(word(code, language), kind) for code, kind in columns)


def _table(
    key: str,
    language: str,
    columns: Sequence[tuple[str, str]],
    rows: Sequence[tuple[Cell, ...]],
    chart: tuple[str, tuple[int, ...]] | None = None,
    *,
    stacked: bool = False,
) -> Table:
    name = word(key, language)
    drawn = Chart(chart[0], name, chart[1], stacked) if chart and rows else None
    return Table(key, name, columns_of(language, *columns), tuple(rows), drawn)


def _overview(figures: Figures, language: str) -> Table:
    now, before = figures["kpis"]["current"], figures["kpis"]["previous"]
    rows = [
        _amount("units", "pieces", now, before, language),
        _ahead(figures["forecast"], language),
        _amount("reviews", "rows", now, before, language),
        _net(now, before, language),
        _share("positive_share", "positive", now, before, language),
        _share("negative_rate", "negative", now, before, language),
    ]
    columns = [("metric", "text"), ("value", "number"), ("unit", "text"), ("before", "number")]
    columns += [("change", "number"), ("n", "count"), ("level", "text")]
    columns += [("bound-low", "number"), ("bound-high", "number")]
    table = _table("overview", language, columns, [row for row in rows if row])
    return _compared(table, figures["against"]) if figures["against"] else table


def _compared(table: Table, against: str) -> Table:
    """Name what the figures are compared with, where it is not the period before."""
    before, named = table.columns[3], Column(against, "number")
    return replace(table, columns=tuple(named if column is before else column for column in table.columns))


def _amount(name: str, unit: str, now: Figures, before: Figures, language: str) -> tuple[Cell, ...]:
    change = None if now[name] is None or before[name] is None else now[name] - before[name]
    return word(name, language), now[name], word(unit, language), before[name], change, None, None, None, None


def _ahead(forecast: Figures | None, language: str) -> tuple[Cell, ...] | None:
    """Sum the forecast up in whole units, with the daily 80% bounds added: the page does the same."""
    if not forecast or not forecast["points"]:
        return None
    points = forecast["points"]
    total = round(sum(point[1] for point in points))
    low, high = (round(sum(_bound(point, place) for point in points)) for place in (2, 3))
    name = word("ahead", language, days=len(points))
    return name, total, word("pieces", language), None, None, None, "80%", low, high


def _bound(point: Sequence[Any], place: int) -> float:
    return float(point[1] if point[place] is None else point[place])


def _net(now: Figures, before: Figures, language: str) -> tuple[Cell, ...]:
    interval = net_interval(now["positive"], now["negative"], now["scored"])
    value, was = (_percent(_balance(part)) for part in (now, before))
    return word("net", language), value, word("points", language), was, *_rest(value, was, now, interval)


def _share(name: str, label: str, now: Figures, before: Figures, language: str) -> tuple[Cell, ...]:
    value, was = (_percent(_part(part[label], part["scored"])) for part in (now, before))
    interval = wilson(now[label], now["scored"])
    return word(name, language), value, word("percent", language), was, *_rest(value, was, now, interval)


def _rest(
    value: float | None, was: float | None, now: Figures, interval: tuple[float, float] | None
) -> tuple[Cell, ...]:
    change = None if value is None or was is None else value - was
    low, high = (None, None) if interval is None else map(_percent, interval)
    return change, now["scored"], None if interval is None else "95%", low, high


def _balance(period: Figures) -> float | None:
    return _part(period["positive"] - period["negative"], period["scored"])


def _part(count: float, of: float) -> float | None:
    return count / of if of else None


def _percent(share: float | None) -> float | None:
    return None if share is None else share * 100


def _daily(figures: Figures, language: str) -> Table:
    marks = marks_of(figures, language)
    rows = [(*day[:7], marks.get(day[0], "")) for day in figures["days"]]
    kinds = [("day", "day"), ("units", "number"), ("revenue", "number"), ("price", "number")]
    kinds += [("promo", "flag"), ("stockout", "flag"), ("reviews", "count"), ("marked", "text")]
    return _table("daily", language, kinds, rows, ("line", (1, 6)))


def marks_of(figures: Figures, language: str) -> dict[str, str]:
    """Return what each marked day is called, several names joined."""
    names: dict[str, list[str]] = {}
    for day, chinese, english in figures["marks"]:
        names.setdefault(day, []).append(english if language == "en" else chinese)
    return {day: " · ".join(found) for day, found in names.items()}


def _forecast(figures: Figures, language: str) -> Table:
    marks, forecast = marks_of(figures, language), figures["forecast"]
    rows = [(*point, marks.get(point[0], "")) for point in (forecast["points"] if forecast else ())]
    columns = [("day", "day"), ("yhat", "number"), *((band, "number") for band in BANDS), ("marked", "text")]
    return _table("forecast", language, columns, rows, ("line", (1, 2, 3)))


def _sentiment(figures: Figures, language: str) -> Table:
    rows = []
    for day in figures["days"]:
        reviews, positive, negative = day[6:9]
        rows.append((day[0], reviews, positive, reviews - positive - negative, negative, day[9]))
    columns = [("day", "day"), ("reviews", "count"), ("positive", "count"), ("neutral", "count")]
    columns += [("negative", "count"), ("sentiment_7", "number")]
    return _table("sentiment", language, columns, rows, ("column", (2, 3, 4)), stacked=True)


def _aspects(figures: Figures, language: str) -> Table:
    rows = []
    for row in figures["aspects"]:
        interval = wilson(row["negative"], row["mentions"]) or (None, None)
        counts = (row["mentions"], row["reviewers"], row["positive"], row["neutral"], row["negative"])
        share = _part(row["negative"], row["mentions"])
        rows.append(
            (aspect_name(row["category"], figures, language), *counts, share, *interval, row["rating_mean"])
        )
    columns = [("aspect", "text"), ("mentions", "count"), ("reviewers", "count"), ("positive", "count")]
    columns += [("neutral", "count"), ("negative", "count"), ("negative_share", "share")]
    columns += [("low", "share"), ("high", "share"), ("rating", "number")]
    return _table("aspects", language, columns, rows, ("column", (5,)))


def _models(figures: Figures, language: str) -> Table:
    backtest = figures["backtest"]
    measured = {
        alias: {name.lower(): value for name, value in metrics.items()}
        for alias, metrics in backtest["metrics"].items()
    }
    baseline = measured.get(BASELINE, {}).get("wape")
    # A mixture of models has no row of its own; the service's row is what it forecast.
    champion = backtest["champion"] if backtest["champion"] in measured else SERVICE
    rows = []
    for alias, found in sorted(measured.items(), key=lambda item: _by_error(*item)):
        wape = found.get("wape")
        gain = 1 - wape / baseline if wape is not None and baseline and alias != BASELINE else None
        errors = (wape, found.get("mase"), found.get("mae"), found.get("bias"), gain)
        rows.append((model_name(alias, language), *errors, "✓" if alias == champion else ""))
    columns = [("model", "text"), ("WAPE", "share"), ("MASE", "number"), ("MAE", "number")]
    columns += [("bias", "share"), ("gain", "share"), ("chosen", "text")]
    return _table("models", language, columns, rows, ("column", (1,)))


def _by_error(alias: str, found: Figures) -> tuple[bool, float, str]:
    wape = found.get("wape")
    return wape is None, wape or 0.0, alias


def _method(figures: Figures, language: str) -> Table:
    from reports.facts import facts

    columns = [("item", "text"), ("content", "number")]
    return _table("method", language, columns, list(facts(figures, language)))
