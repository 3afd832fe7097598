from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest import CorruptFileError, TooLargeError
from ingest.parquet_table import BATCH, parquet_table


def write(path: Path, columns: dict[str, Any]) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def read(path: Path, limit: int = 10**9) -> tuple[list[str], list[Any]]:
    with path.open("rb") as file, parquet_table(file, limit) as table:
        return table.columns, list(table.records)


def test_types_come_through(tmp_path: Path) -> None:
    moment = datetime(2026, 11, 11, 4, tzinfo=UTC)
    path = write(
        tmp_path / "file.parquet",
        {
            "text": ["味道😀", None],
            "day": [date(2026, 11, 11), None],
            "moment": pa.array([moment, None], pa.timestamp("us", "UTC")),
            "price": [Decimal("9.90"), None],
            "kind": pa.array(["a", "b"]).dictionary_encode(),
        },
    )
    columns, records = read(path)
    assert columns == ["text", "day", "moment", "price", "kind"]
    assert records == [
        (1, ("味道😀", date(2026, 11, 11), moment, Decimal("9.90"), "a")),
        (2, (None, None, None, None, "b")),
    ]


def test_nanoseconds_are_cut_without_a_warning(tmp_path: Path) -> None:
    values = pa.array([1_762_833_600_000_000_001], pa.timestamp("ns"))
    _, records = read(write(tmp_path / "file.parquet", {"moment": values}))
    assert records[0][1][0] == datetime(2025, 11, 11, 4, 0, 0)


def test_records_are_counted_across_batches_and_blank_ones(tmp_path: Path) -> None:
    values = [str(n) for n in range(BATCH)] + [None, "last"]
    _, records = read(write(tmp_path / "file.parquet", {"a": values}))
    assert len(records) == BATCH + 1
    assert records[-1] == (BATCH + 2, ("last",))


@pytest.mark.parametrize("keep", [0.2, 0.6, 0.99])
def test_a_truncated_file_is_corrupt(tmp_path: Path, keep: float) -> None:
    path = write(tmp_path / "file.parquet", {"a": [str(n) for n in range(1000)]})
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(CorruptFileError):
        read(path)


def test_a_damaged_page_is_corrupt(tmp_path: Path) -> None:
    path = write(tmp_path / "file.parquet", {"a": [str(n) for n in range(1000)]})
    data = bytearray(path.read_bytes())
    data[4:60] = b"\xff" * 56
    path.write_bytes(bytes(data))
    with pytest.raises(CorruptFileError) as caught:
        read(path)
    assert caught.value.line == 1


def test_what_it_would_unpack_to_is_limited(tmp_path: Path) -> None:
    path = write(tmp_path / "file.parquet", {"a": [f"{n:0100d}" for n in range(10_000)]})
    with pytest.raises(TooLargeError):
        read(path, limit=100_000)
