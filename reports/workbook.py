"""Tables as an Excel workbook with native charts; text that could be a formula stays text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from reports.cells import inert, spec_of
from reports.tables import Cell, Chart, Column, Table

FORMATS = {
    "id": "@",
    "text": "@",
    "day": "yyyy-mm-dd",
    "count": "#,##0",
    "share": "0.0%",
}
# Excel's own optional digits would leave the point behind a whole number: 1,933.
NUMBERS = {",.0f": "#,##0", ",.2f": "#,##0.00", ".3f": "0.000", ".1e": "0.0E+00"}
WIDTHS = {"text": 26, "id": 22, "day": 12}
# Teal, grey and orange for sentiment; blue and violet for sales and forecast. Never red and green.
COLOURS = ("#2563a8", "#7c5cbf", "#a78bda", "#a78bda")
STACKED = ("#14908b", "#a3acb8", "#d97b29")
EMPTY = datetime(2000, 1, 1)


def write_workbook(path: Path, tables: Iterable[Table]) -> int:
    """Write tables as sheets of an xlsx file; rows go to disk as they come. Returns how many rows."""
    # The same tables are the same bytes: no moment of writing is kept in the file.
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        book.set_properties({"created": EMPTY})
        return sum(_write_table(book, table) for table in tables)


def write_sheets(path: Path, sheets: Sequence[tuple[str, Sequence[Column], Iterable[Sequence[Cell]]]]) -> int:
    """Write (name, columns, rows) as sheets without charts; the rows may be a stream."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        book.set_properties({"created": EMPTY})
        return sum(
            _write_rows(book, book.add_worksheet(name), columns, rows) for name, columns, rows in sheets
        )


def _write_table(book: Any, table: Table) -> int:
    sheet = book.add_worksheet(table.name)
    count = _write_rows(book, sheet, table.columns, table.rows)
    if table.chart:
        sheet.insert_chart(1, len(table.columns) + 1, _chart(book, table, table.chart))
    return count


def _write_rows(book: Any, sheet: Any, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> int:
    head = book.add_format({"bold": True, "bg_color": "#eef2f7", "bottom": 1})
    formats = {kind: book.add_format({"num_format": code}) for kind, code in (FORMATS | NUMBERS).items()}
    sheet.freeze_panes(1, 1)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, WIDTHS.get(column.kind, 14))
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column.name, head)
    count = 0
    for count, row in enumerate(rows, 1):
        for place, (column, cell) in enumerate(zip(columns, row, strict=True)):
            _write_cell(sheet, count, place, column.kind, cell, formats)
    return count


def _write_cell(sheet: Any, row: int, place: int, kind: str, cell: Cell, formats: dict[str, Any]) -> None:
    if cell is None:
        return
    if kind == "day" and isinstance(cell, str):
        sheet.write_datetime(row, place, datetime.fromisoformat(cell), formats["day"])
    elif isinstance(cell, str):
        sheet.write_string(row, place, inert(cell), formats["text"])
    elif isinstance(cell, date):
        sheet.write_datetime(row, place, datetime(cell.year, cell.month, cell.day), formats["day"])
    else:
        sheet.write_number(row, place, cell, formats[kind if kind in ("count", "share") else spec_of(cell)])


def _chart(book: Any, table: Table, wanted: Chart) -> Any:
    options = {"type": wanted.kind} | ({"subtype": "stacked"} if wanted.stacked else {})
    chart, last = book.add_chart(options), len(table.rows)
    colours = STACKED if wanted.stacked else COLOURS
    for colour, place in zip(colours, wanted.columns, strict=False):
        look = {"color": colour} | ({"width": 1.5} if wanted.kind == "line" else {})
        chart.add_series(
            {
                "name": [table.name, 0, place],
                "categories": [table.name, 1, 0, last, 0],
                "values": [table.name, 1, place, last, place],
                **({"line": look} if wanted.kind == "line" else {"fill": look, "gap": 40}),
            }
        )
    days = table.columns[0].kind == "day"
    chart.set_title({"name": wanted.title, "name_font": {"size": 12}})
    chart.set_x_axis({"date_axis": days, "num_format": "mm-dd"} if days else {})
    chart.set_y_axis({"major_gridlines": {"visible": True, "line": {"color": "#e3e7ed"}}})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 820, "height": 380})
    return chart
