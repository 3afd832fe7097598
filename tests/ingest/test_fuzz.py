"""Whatever the bytes, only an IngestError may come out, and what is yielded is valid."""

import gzip
import io
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ingest
from ingest import KINDS, IngestError, Refusal, Row
from ingest.messages import SENTENCES
from ingest.values import TEXT_LIMIT

HEADERS = {
    "reviews": "商品ID,评论时间,评论内容,评分,评论ID",
    "products": "商品ID,标题,价格,上架时间",
    "sales": "商品ID,日期,销量,促销,浏览量,x",
    "orders": "订单号,商品ID,下单时间,数量,单价",
}
TYPES: dict[str, type | tuple[type, ...]] = {
    "id": str, "title": str, "text": str, "moment": datetime, "day": date, "stars": float, "money": Decimal,
    "balance": Decimal, "amount": float, "count": int, "pieces": int, "yes_no": bool,
}  # fmt: skip
CELLS = st.one_of(
    st.sampled_from(
        ["p1", "2026-11-11", "2026/1/5 8:05", "3", "-1", "7", "1,299.00", "是", "好", "", "46337", "1E+17"]
    ),
    st.text(max_size=8),
    st.sampled_from(['"', '""', "\r", "\n", '"x\ny"', "\0", "😀"]),
)
KIND = st.sampled_from(sorted(HEADERS))
fuzz = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


def valid(value: Any, field: ingest.fields.Field) -> bool:  # type: ignore[name-defined]
    if value is None:
        return not field.required or field.blank
    if not isinstance(value, TYPES[field.type]):
        return False
    if isinstance(value, str):
        return 0 < len(value) <= TEXT_LIMIT and "\0" not in value and bool(value.encode())
    if isinstance(value, datetime):
        return value.tzinfo is not None and 1990 <= value.year <= 2099
    if isinstance(value, (float, Decimal)):
        return abs(value) < 10**12 and (field.type != "stars" or 1 <= value <= 5)
    return True


def read(path: Path, kind: str) -> Iterator[Row | Refusal]:
    found: IngestError | None = None
    try:
        yield from ingest.rows(path, kind)
    except IngestError as error:
        found = error
    if found is not None:
        assert found.code in SENTENCES
        assert (found.reason("zh") + found.reason("en")).encode()


def check(path: Path, kind: str) -> None:
    last = 0
    for item in read(path, kind):
        assert item.line > last
        last = item.line
        if isinstance(item, Row):
            assert all(valid(item.values[field.name], field) for field in KINDS[kind]), item
        else:
            assert item.code.partition(":")[0] in SENTENCES
            assert len(item.value) <= 200
            assert "\0" not in item.value + item.column
            assert (item.value + item.column + item.code + item.reason("zh") + item.reason("en")).encode()


def check_counts(path: Path, kind: str) -> None:
    try:
        count = ingest.count_rows(path)
    except IngestError:
        return
    try:
        found = sum(1 for _ in ingest.rows(path, kind))
    except IngestError:
        return
    assert found == count


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


@fuzz
@given(data=st.binary(max_size=300), kind=KIND)
def test_any_bytes(path: Path, data: bytes, kind: str) -> None:
    path.write_bytes(data)
    check(path, kind)


@fuzz
@given(data=st.binary(max_size=200), kind=KIND, encoding=st.sampled_from(["utf-8", "gb18030"]))
def test_any_bytes_below_a_header(path: Path, data: bytes, kind: str, encoding: str) -> None:
    path.write_bytes(HEADERS[kind].encode(encoding) + b"\n" + data)
    check(path, kind)
    check_counts(path, kind)


@fuzz
@given(table=st.lists(st.lists(CELLS, min_size=1, max_size=7), max_size=12), kind=KIND)
def test_any_cells_of_csv(path: Path, table: list[list[str]], kind: str) -> None:
    text = "\n".join([HEADERS[kind], *(",".join(cells) for cells in table)])
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    check(path, kind)
    check_counts(path, kind)


@fuzz
@given(
    data=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | CELLS,
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
        max_leaves=4,
    ),
    kind=KIND,
    column=st.integers(0, 4),
)
def test_any_value_of_json(path: Path, data: Any, kind: str, column: int) -> None:
    import json

    names = HEADERS[kind].split(",")
    record = dict.fromkeys(names, "1") | {"日期": "2026-11-11", names[column % len(names)]: data}
    path.write_text(json.dumps(record) + "\n")
    check(path, kind)


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["商品ID", "日期", "销量"], ["a", date(2026, 11, 11), 3], ["a", "x", 4]):
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def parquet() -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"商品ID": ["a", "b"], "日期": ["2026-11-11", "x"], "销量": [1, -2]}), buffer)
    return buffer.getvalue()


WHOLE = {
    "xlsx": workbook(),
    "parquet": parquet(),
    "gzip": gzip.compress("商品ID,日期,销量\na,2026-11-11,3\n".encode()),
}


@fuzz
@given(
    name=st.sampled_from(sorted(WHOLE)),
    at=st.floats(0, 1, exclude_max=True),
    patch=st.binary(min_size=1, max_size=6),
    keep=st.floats(0.5, 1),
)
def test_any_damage(path: Path, name: str, at: float, patch: bytes, keep: float) -> None:
    data = bytearray(WHOLE[name])
    start = int(at * len(data))
    data[start : start + len(patch)] = patch
    path.write_bytes(bytes(data[: int(len(data) * keep)]))
    check(path, "sales")
