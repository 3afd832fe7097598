"""The shape every format is read into."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ingest.dates import EXCEL_EPOCH
from ingest.rows import Refusal

# Line and cells, as wide as the header; or a row already refused.
Record = tuple[int, Sequence[Any]] | Refusal


@dataclass
class Table:
    """A header and the rows below it, read once.

    Attributes
    ----------
    format : str
        ``csv``, ``xlsx``, ``jsonl`` or ``parquet``.
    columns : list[str]
        Header, duplicates and blanks included.
    records : Iterator[Record]
        In file order; rows without any content are skipped.
    encoding : str or None
        None for the formats that carry their own.
    epoch : datetime
        Day 0 of serial dates.
    """

    format: str
    columns: list[str]
    records: Iterator[Record] = field(repr=False)
    encoding: str | None = None
    epoch: datetime = EXCEL_EPOCH


def is_blank(cells: Sequence[Any]) -> bool:
    """Say whether no cell holds anything but spaces."""
    for cell in cells:  # the first cell of most rows tells
        if cell is not None and not (isinstance(cell, str) and (not cell or cell.isspace())):
            return False
    return True
