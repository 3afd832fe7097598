"""Cells of every CSV for download: text that a spreadsheet would run as a formula stays text."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from reports.cells import inert

MARK = "\ufeff"
"""Makes Excel read a file as UTF-8."""


def csv_line(cells: Iterable[Any]) -> str:
    """Write a line; numbers stay numbers."""
    line = io.StringIO()
    csv.writer(line).writerow([inert(cell) for cell in cells])
    return line.getvalue()
