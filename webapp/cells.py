"""Cells of every CSV for download: text that a spreadsheet would run as a formula stays text."""

import csv
import io
from collections.abc import Iterable
from typing import Any

MARK = "\ufeff"
"""Makes Excel read a file as UTF-8."""

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_line(cells: Iterable[Any]) -> str:
    """Write a line; numbers stay numbers."""
    line = io.StringIO()
    csv.writer(line).writerow([inert(cell) for cell in cells])
    return line.getvalue()


def inert(cell: Any) -> Any:
    """Put an apostrophe before text that begins, blanks aside, as a formula does."""
    if not isinstance(cell, str):
        return cell
    return f"'{cell}" if cell.startswith(RISKY) or cell.strip().startswith(RISKY) else cell
