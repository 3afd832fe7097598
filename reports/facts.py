"""What a report rests on, line by line: product, days, cut-offs, worth of sentiment, versions, hash."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reports.causes import totals
from reports.words import driver_name, model_name, word

Fact = tuple[str, str | float | int | None]


def facts(figures: Mapping[str, Any], language: str) -> Iterator[Fact]:
    """Yield (item, content) of a snapshot; numbers stay numbers."""
    yield from _about(figures, language)
    yield from _worth(figures["backtest"], language)
    yield from _forecast(figures, language)
    yield word("counted", language), word("counting", language)
    yield word("band_of_total", language), word("band", language)
    yield word("made_at", language), figures["made_at"]
    yield word("hash", language), figures.get("hash", "")


def _about(figures: Mapping[str, Any], language: str) -> Iterator[Fact]:
    if figures["conclusion"]:
        yield word("conclusion", language), ("；" if language == "zh" else "; ").join(figures["conclusion"])
    product = figures["product"]
    yield word("product_id", language), product["id"]
    for name in ("title", "category", "brand", "shop"):
        if product[name]:
            yield word(name, language), product[name]
    yield word("period", language), _span(figures["period"])
    yield word("compared", language), _span(figures["kpis"]["previous"])
    for name in ("sales", "reviews", "forecast"):
        yield word(f"cutoff_{name}", language), figures["cutoff"][name] or "—"


def _span(days: Mapping[str, str]) -> str:
    return f"{days['start']} – {days['end']}"


def _worth(backtest: Mapping[str, Any], language: str) -> Iterator[Fact]:
    lift = backtest["lift"] or {}
    if lift.get("verdict"):
        yield word("verdict", language), word(lift["verdict"], language)
        for name in ("wape_without", "wape_with", "p_value", "q_value"):
            yield word(name, language), lift.get(name)
    for level, share in sorted(backtest["coverage"].items()):
        if share is not None:
            yield word("coverage", language, level=level), share


def _forecast(figures: Mapping[str, Any], language: str) -> Iterator[Fact]:
    forecast = figures["forecast"]
    if forecast is None:
        return
    yield word("model", language), model_name(forecast["model"], language)
    for (code, polarity), units in totals(forecast["drivers"]).items():
        name = driver_name(code, polarity, figures, language)
        yield word("driver", language, name=name), units
    for name, version in sorted(forecast["versions"].items()):
        yield word("version", language, name=word(name, language)), str(version)
