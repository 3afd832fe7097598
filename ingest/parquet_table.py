"""Parquet files, a batch of records at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.errors import CorruptFileError, TooLargeError
from ingest.rows import shown
from ingest.tables import Record, Table, is_blank

BATCH = 4_096


@contextmanager
def parquet_table(file: BinaryIO, limit: int) -> Iterator[Table]:
    """Open a Parquet file; its "lines" are records counted from 1.

    Raises
    ------
    CorruptFileError, TooLargeError
    """
    with _broken_is_corrupt():
        parquet = pq.ParquetFile(file, memory_map=False)
        groups = parquet.metadata
        size = sum(groups.row_group(i).total_byte_size for i in range(groups.num_row_groups))
        columns = [shown(name) for name in parquet.schema_arrow.names]
    if size > limit:
        raise TooLargeError(limit=f"{limit:,}")
    yield Table("parquet", columns, _records(parquet))


def _records(parquet: Any) -> Iterator[Record]:
    batches = parquet.iter_batches(batch_size=BATCH, use_threads=False)
    line = 0
    while True:
        with _broken_is_corrupt(line + 1):
            batch = next(batches, None)
            if batch is None:
                return
            rows = list(zip(*(_plain(column) for column in batch.columns), strict=True))
        for cells in rows:
            line += 1
            if not is_blank(cells):
                yield line, cells


def _plain(column: Any) -> list[Any]:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    values: list[Any] = column.to_pylist()
    return values


@contextmanager
def _broken_is_corrupt(line: int | None = None) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise CorruptFileError(line=line, detail=f"{type(error).__name__}: {error}"[:200]) from error
