"""All products of a workspace in one workbook, a line each, streamed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from reports.tables import Cell, columns_of
from reports.words import word
from reports.workbook import write_sheets

COLUMNS = (
    *(("product_id", "id"), ("title", "text"), ("category", "text"), ("brand", "text"), ("shop", "text")),
    *(("units", "number"), ("units_before", "number"), ("change", "share"), ("reviews", "count")),
    *(("net", "share"), ("net_before", "share"), ("yhat", "count"), ("lo-80", "count"), ("hi-80", "count")),
    *(("p_up", "share"), ("verdict", "text")),
)


@dataclass(frozen=True)
class Line:
    """A product: its names, units now and before, reviews, net sentiment now and before, what lies ahead."""

    names: tuple[str, str, str, str, str]
    units: tuple[float | None, float | None]
    reviews: int
    net: tuple[float | None, float | None]
    ahead: tuple[float | None, float | None, float | None, float | None]
    verdict: str | None

    @property
    def change(self) -> float | None:
        """How much more was sold than before, as a share."""
        now, before = self.units
        return now / before - 1 if now is not None and before else None


def write_overview(path: Path, lines: Iterable[Line], start: date, end: date, language: str) -> int:
    """Write the overview and the days it speaks about; return how many products."""
    facts = [
        (word("period", language), f"{start} – {end}"),
        (word("counted", language), word("counting", language)),
        (word("band_of_total", language), word("band", language)),
    ]
    method = columns_of(language, ("item", "text"), ("content", "text"))
    sheets = (
        (word("overview", language), columns_of(language, *COLUMNS), _rows(lines, language)),
        (word("method", language), method, facts),
    )
    return write_sheets(path, sheets) - len(facts)


def _rows(lines: Iterable[Line], language: str) -> Iterator[tuple[Cell, ...]]:
    for line in lines:
        verdict = word(line.verdict, language) if line.verdict else ""
        yield (*line.names, *line.units, line.change, line.reviews, *line.net, *line.ahead, verdict)
