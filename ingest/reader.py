"""A file to checked rows and refusals, streamed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from os import PathLike
from pathlib import Path
from typing import Any

from ingest import columns as header
from ingest.checks import Check, compile_check
from ingest.csv_table import csv_table
from ingest.errors import EmptyFileError
from ingest.json_table import json_table
from ingest.lines import Lines, encoding_of, known
from ingest.numbers import is_numeric
from ingest.parquet_table import parquet_table
from ingest.rows import Refusal, Row, shown
from ingest.streams import MAX_UNPACKED, format_of, seekable, unpacked
from ingest.tables import Record, Table
from ingest.xlsx_table import xlsx_table

# Rows looked at to tell which further columns of sales hold numbers.
SAMPLE = 200
# Rows counted before somebody is told.
COUNTED = 5_000
TIMEZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class Preview:
    """What an import of a file would do, from its first rows.

    Attributes
    ----------
    encoding : str or None
        ``utf-8`` or ``gb18030``; None for xlsx and Parquet.
    format : str
        ``csv``, ``xlsx``, ``jsonl`` or ``parquet``.
    columns : list[str]
        As in the file.
    mapping : dict[str, str]
        Column to field.
    unmapped : list[str]
        Columns that would be left out.
    missing : list[str]
        Required fields that no column stands for; then there are no rows and no refusals.
    extra : list[str]
        Further numeric columns of sales that would be kept.
    rows : list[Row]
    refusals : list[Refusal]
    sample : list[list[str]]
        The cells of the first rows as found, for mapping by hand.
    """

    encoding: str | None
    format: str
    columns: list[str]
    mapping: dict[str, str]
    unmapped: list[str]
    missing: list[str]
    extra: list[str]
    rows: list[Row]
    refusals: list[Refusal]
    sample: list[list[str]]


def rows(
    path: str | PathLike[str],
    kind: str,
    *,
    mapping: Mapping[str, str] | None = None,
    encoding: str | None = None,
    timezone: str = TIMEZONE,
    max_unpacked_bytes: int = MAX_UNPACKED,
    skip: int = 0,
) -> Iterator[Row | Refusal]:
    """Read a file row by row, in file order.

    Parameters
    ----------
    path : path
        CSV, xlsx, JSON lines or Parquet, each also gzipped; told apart by content.
    kind : {"reviews", "products", "sales", "orders"}
    mapping : mapping of column to field, optional
        Goes before the synonyms; an empty field ignores a column.
    encoding : str, optional
        ``utf-8`` or ``gb18030``; found out when not given.
    timezone : str
        IANA zone of moments that name none.
    max_unpacked_bytes : int
        Most bytes to unpack.
    skip : int
        Leave out so many rows at the start, unchecked.

    Yields
    ------
    Row or Refusal
        One per row of the file with anything in it, as many as `count_rows` says.

    Raises
    ------
    IngestError
        When the file as a whole is wrong. A truncated file says so only at its end: call `count_rows`
        first, which reads it all, when nothing must be half done.
    """
    with _table(Path(path), encoding, max_unpacked_bytes) as table:
        matched = header.match(table.columns, kind, mapping)
        header.require(table.columns, matched, kind)
        sample, records = _sampled(table)
        check = _check(table, matched, kind, timezone, sample, mapping)
        if not sample:
            raise EmptyFileError("no_rows")
        for record in islice(records, skip, None):
            yield record if isinstance(record, Refusal) else check(*record)


def preview(
    path: str | PathLike[str],
    kind: str,
    *,
    mapping: Mapping[str, str] | None = None,
    encoding: str | None = None,
    limit: int = 20,
    timezone: str = TIMEZONE,
    max_unpacked_bytes: int = MAX_UNPACKED,
) -> Preview:
    """Read the header and the first ``limit`` rows; see `rows` for the parameters.

    Raises
    ------
    IngestError
        As `rows`, but missing columns are listed rather than raised.
    """
    with _table(Path(path), encoding, max_unpacked_bytes) as table:
        matched = header.match(table.columns, kind, mapping)
        sample, records = _sampled(table)
        if not sample:
            raise EmptyFileError("no_rows")
        lacking = header.missing(matched, kind)
        extra = _extra(table, matched, kind, sample, mapping)
        first = list(islice(records, limit))
        checked: list[Row | Refusal] = []
        if not lacking:
            check = _check(table, matched, kind, timezone, sample, mapping)
            checked = [item if isinstance(item, Refusal) else check(*item) for item in first]
        return Preview(
            encoding=table.encoding,
            format=table.format,
            columns=table.columns,
            mapping=matched,
            unmapped=[name for name in table.columns if name not in matched and name not in extra],
            missing=lacking,
            extra=extra + [name for name, target in matched.items() if target == header.EXTRA],
            rows=[item for item in checked if isinstance(item, Row)],
            refusals=[item for item in checked if isinstance(item, Refusal)],
            sample=[_cells_shown(item[1]) for item in first if not isinstance(item, Refusal)],
        )


def count_rows(
    path: str | PathLike[str],
    *,
    encoding: str | None = None,
    max_unpacked_bytes: int = MAX_UNPACKED,
    tell: Callable[[int], None] | None = None,
) -> int:
    """Return how many rows `rows` would yield, reading the file to its end (0 for a header alone).

    Parameters
    ----------
    path, encoding, max_unpacked_bytes
        As for `rows`.
    tell : callable, optional
        Told how many rows it is so far, every few thousand.

    Raises
    ------
    IngestError
        As `rows`, columns aside.
    """
    with _table(Path(path), encoding, max_unpacked_bytes) as table:
        count = 0
        while read := sum(1 for _ in islice(table.records, COUNTED)):
            count += read
            if tell:
                tell(count)
        return count


@contextmanager
def _table(path: Path, encoding: str | None, limit: int) -> Iterator[Table]:
    kind = format_of(path, limit)
    if kind == "xlsx":
        with seekable(path, limit) as file, xlsx_table(file, limit) as table:
            yield table
    elif kind == "parquet":
        with seekable(path, limit) as file, parquet_table(file, limit) as table:
            yield table
    else:
        name = known(encoding) if encoding else encoding_of(path, limit)
        with unpacked(path, limit) as stream:
            lines = Lines(stream, name)
            yield csv_table(lines) if kind == "csv" else json_table(lines)


def _sampled(table: Table) -> tuple[list[Record], Iterator[Record]]:
    sample = list(islice(table.records, SAMPLE))
    return sample, chain(sample, table.records)


def _check(
    table: Table,
    matched: Mapping[str, str],
    kind: str,
    timezone: str,
    sample: Sequence[Record],
    mapping: Mapping[str, str] | None,
) -> Check:
    guessed = _extra(table, matched, kind, sample, mapping)
    return compile_check(table.columns, matched, kind, timezone, table.epoch, guessed)


def _extra(
    table: Table,
    matched: Mapping[str, str],
    kind: str,
    sample: Sequence[Record],
    mapping: Mapping[str, str] | None,
) -> list[str]:
    if kind != "sales":
        return []
    free = [
        (index, name)
        for index, name in enumerate(table.columns)
        if name and name not in matched and name not in (mapping or {}) and table.columns.index(name) == index
    ]
    cells = [record[1] for record in sample if not isinstance(record, Refusal)]
    return [name for index, name in free if _all_numbers([row[index] for row in cells])]


def _all_numbers(cells: Sequence[Any]) -> bool:
    filled = [cell for cell in cells if cell is not None and cell != ""]
    return bool(filled) and all(is_numeric(cell) for cell in filled)


def _cells_shown(cells: Sequence[Any]) -> list[str]:
    return ["" if cell is None else shown(cell) for cell in cells]
