"""A snapshot as a PDF of a few pages: figures, the chart as lines and areas, tables; Chinese fonts inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
from fpdf import FPDF
from fpdf.fonts import FontFace

from reports.cells import said
from reports.tables import Column, Table, tables_of
from reports.trend import Trend, trend_of
from reports.words import word

FONT = "Noto Sans SC"
MARGIN = 14.0
INK, FAINT, GRID = (31, 41, 55), (107, 114, 128), (227, 231, 237)
SALES, FORECAST, BAND = (37, 99, 168), (124, 92, 191), (222, 214, 241)
CHART_HEIGHT = 58.0
# Every day is in the workbook; on paper those tables are the chart.
SHOWN = ("overview", "forecast", "aspects", "models", "method")


class Paper(FPDF):
    """A4 with a foot that names product, cut-off and hash on each page."""

    def __init__(self, figures: Mapping[str, Any], language: str) -> None:
        super().__init__(format="A4")
        self._foot = (
            f"{figures['product']['id']} · {figures['period']['end']} · SHA-256 {figures['hash'][:16]}…"
        )
        self.set_margin(MARGIN)
        self.set_auto_page_break(True, margin=18)
        self.add_font(FONT, fname=pylopdf_fonts_zh_cn.sans_path())
        self.set_lang("zh-CN" if language == "zh" else "en")
        self.set_title(figures["product"]["title"] or figures["product"]["id"])
        self.set_creation_date(datetime.fromisoformat(figures["made_at"]).astimezone(UTC))

    def footer(self) -> None:
        """Write the foot of a page."""
        self.set_y(-13)
        self.say(f"{self._foot} · {self.page_no()}", 7, FAINT)

    def say(self, text: str, size: float, colour: tuple[int, int, int] = INK) -> None:
        """Write a paragraph."""
        self.set_font(FONT, size=size)
        self.set_text_color(*colour)
        self.multi_cell(0, size * 0.5, text, new_x="LMARGIN", new_y="NEXT", align="L")


def write_paper(path: Path, figures: Mapping[str, Any], language: str) -> None:
    """Write a snapshot as a PDF file; the same snapshot is the same file."""
    paper = Paper(figures, language)
    paper.add_page()
    product, cutoff = figures["product"], figures["cutoff"]
    paper.say(product["title"] or product["id"], 17)
    paper.ln(1)
    paper.say(
        " · ".join(filter(None, (product[name] for name in ("id", "category", "brand", "shop")))), 9, FAINT
    )
    period = f"{word('period', language)} {figures['period']['start']} – {figures['period']['end']}"
    cuts = [f"{word(f'cutoff_{name}', language)} {cutoff[name] or '—'}" for name in ("sales", "reviews")]
    paper.say(" · ".join([period, *cuts]), 9, FAINT)
    if figures["conclusion"]:
        paper.ln(2)
        paper.say(("；" if language == "zh" else "; ").join(figures["conclusion"]), 11)
    for table in tables_of(figures, language):
        if table.key in SHOWN and table.rows:
            _table(paper, table)
        if table.key == "overview":
            _chart(paper, figures, language)
    paper.output(str(path))


def _table(paper: Paper, table: Table) -> None:
    paper.ln(5)
    if paper.will_page_break(24):
        paper.add_page()
    paper.say(table.name, 12)
    paper.ln(1)
    paper.set_font(FONT, size=8)
    paper.set_text_color(*INK)
    paper.set_draw_color(*GRID)
    paper.set_fill_color(255)
    facts = table.key == "method"
    widths = (1, 2) if facts else tuple(_width(column) for column in table.columns)
    align = "LEFT" if facts else tuple("LEFT" if _is_text(column) else "RIGHT" for column in table.columns)
    head = FontFace(color=FAINT, fill_color=(246, 248, 250))
    with paper.table(
        col_widths=widths,
        text_align=align,
        borders_layout="HORIZONTAL_LINES",
        line_height=4.6,
        headings_style=head,
        padding=(0.6, 1.4),
    ) as drawn:
        drawn.row([column.name for column in table.columns])
        for row in table.rows:
            drawn.row([said(cell, column.kind) for cell, column in zip(row, table.columns, strict=True)])


def _width(column: Column) -> int:
    return 3 if column.kind == "text" else 2


def _is_text(column: Column) -> bool:
    return column.kind in ("text", "id", "day")


def _chart(paper: Paper, figures: Mapping[str, Any], language: str) -> None:
    """Draw sales, forecast and band as vectors."""
    left = paper.l_margin + 12
    drawn = trend_of(figures, paper.w - paper.r_margin - left, CHART_HEIGHT)
    if drawn.empty:
        return
    paper.ln(4)
    if paper.will_page_break(CHART_HEIGHT + 16):
        paper.add_page()
    _key(paper, language)
    top = paper.get_y() + 2
    _axes(paper, drawn, left, top)
    if drawn.band:
        paper.set_fill_color(*BAND)
        paper.polygon(_moved(drawn.band, left, top), style="F")
    _line(paper, [_moved(line, left, top) for line in drawn.sales], SALES)
    paper.set_dash_pattern(1.2, 0.8)
    _line(paper, [_moved(drawn.forecast, left, top)], FORECAST)
    paper.set_dash_pattern()
    paper.set_line_width(0.2)
    paper.set_y(top + CHART_HEIGHT + 6)


def _moved(points: Sequence[tuple[float, float]], left: float, top: float) -> list[tuple[float, float]]:
    return [(left + x, top + y) for x, y in points]


def _line(paper: Paper, lines: Sequence[Sequence[tuple[float, float]]], colour: tuple[int, int, int]) -> None:
    paper.set_draw_color(*colour)
    paper.set_line_width(0.45)
    for line in lines:
        if len(line) > 1:
            paper.polyline(line)


def _axes(paper: Paper, drawn: Trend, left: float, top: float) -> None:
    paper.set_font(FONT, size=7)
    paper.set_text_color(*FAINT)
    paper.set_draw_color(*GRID)
    paper.set_line_width(0.2)
    for y, text in drawn.levels:
        paper.line(left, top + y, left + drawn.width, top + y)
        paper.text(left - 1.5 - paper.get_string_width(text), top + y + 1, text)
    for x, text in drawn.days:
        paper.text(left + x - paper.get_string_width(text) / 2, top + CHART_HEIGHT + 4, text)


def _key(paper: Paper, language: str) -> None:
    paper.set_font(FONT, size=8)
    paper.set_text_color(*INK)
    x, y = paper.l_margin + 12, paper.get_y()
    for colour, text in (
        (SALES, word("units", language)),
        (FORECAST, word("yhat", language)),
        (BAND, word("band80", language)),
    ):
        paper.set_fill_color(*colour)
        paper.rect(x, y + 1, 4, 2, style="F")
        paper.text(x + 5.5, y + 3, text)
        x += paper.get_string_width(text) + 12
    paper.set_y(y + 4)
