import gzip
import tracemalloc
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import ingest
from ingest import (
    CorruptFileError,
    EmptyFileError,
    IngestError,
    Refusal,
    Row,
    TooLargeError,
    WrongColumnsError,
    reader,
)
from ingest.values import TEXT_LIMIT

Write = Callable[..., Path]
WriteXlsx = Callable[[list[list[Any]]], Path]

REVIEWS = (
    "商品ID,评论时间,评论内容,评分\np1,2026-11-11 08:00:00,味道有点大😀,2\np1,2026-11-12 09:30:00,很好,5\n"
)
SALES = "商品ID,日期,销量\np1,2026-11-11,3\np1,2026-11-12,4\n"


def good(path: Path, kind: str = "reviews", **options: Any) -> list[Row]:
    found = list(ingest.rows(path, kind, **options))
    assert all(isinstance(item, Row) for item in found), found
    return [item for item in found if isinstance(item, Row)]


def refused(path: Path, kind: str = "reviews", **options: Any) -> list[tuple[int, str, str, str]]:
    found = ingest.rows(path, kind, **options)
    return [(item.line, item.column, item.value, item.code) for item in found if isinstance(item, Refusal)]


def error_of(path: Path, kind: str = "reviews", **options: Any) -> IngestError:
    """Return the one error that rows, preview and, columns aside, count_rows raise."""
    with pytest.raises(IngestError) as caught:
        list(ingest.rows(path, kind, **options))
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
@pytest.mark.parametrize("gz", [False, True])
def test_csv_in_each_encoding(write: Write, encoding: str, gz: bool) -> None:
    text = REVIEWS.replace("😀", "") if encoding == "gbk" else REVIEWS
    found = good(write(text, encoding=encoding, gz=gz))
    assert [row.line for row in found] == [2, 3]
    assert found[0].values["text"] == "味道有点大" + ("" if encoding == "gbk" else "😀")
    assert found[0].values["created_at"] == datetime(2026, 11, 11, 8, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert found[0].values["rating"] == 2.0


def same_reviews(found: list[Row]) -> None:
    assert [row.values["text"] for row in found] == ["味道有点大😀", "很好"]
    assert [row.values["rating"] for row in found] == [2.0, 5.0]
    assert found[1].values["created_at"] == datetime(2026, 11, 12, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


def zipped(path: Path) -> Path:
    target = path.with_name(path.name + ".gz")
    target.write_bytes(gzip.compress(path.read_bytes()))
    return target


@pytest.mark.parametrize("gz", [False, True])
def test_xlsx(write_xlsx: WriteXlsx, gz: bool) -> None:
    path = write_xlsx(
        [
            ["商品ID", "评论时间", "评论内容", "评分"],
            ["p1", datetime(2026, 11, 11, 8), "味道有点大😀", 2],
            ["p1", "2026/11/12 9:30", "很好", "5"],
        ]
    )
    same_reviews(good(zipped(path) if gz else path))


@pytest.mark.parametrize("gz", [False, True])
def test_json_lines(write: Write, gz: bool) -> None:
    text = (
        '{"product_id": 1, "created_at": "2026-11-11T08:00:00", "text": "味道有点大😀", "rating": 2}\n'
        '{"product_id": 1, "created_at": "2026-11-12T01:30:00Z", "text": "很好", "rating": 5.0}\n'
    )
    same_reviews(good(write(text, gz=gz)))


@pytest.mark.parametrize("gz", [False, True])
def test_parquet(tmp_path: Path, gz: bool) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    path = tmp_path / "file.parquet"
    moments = [datetime(2026, 11, 11, 8, tzinfo=zone), datetime(2026, 11, 12, 9, 30, tzinfo=zone)]
    columns = {"商品ID": [1, 1], "评论时间": moments, "评论内容": ["味道有点大😀", "很好"], "评分": [2, 5]}
    pq.write_table(pa.table(columns), path)
    same_reviews(good(zipped(path) if gz else path))


def test_a_hand_made_mapping(write: Write) -> None:
    path = write("货,天,件\np1,2026-11-11,3\n")
    found = good(path, "sales", mapping={"货": "product_id", "天": "date", "件": "units"})
    assert found[0].values["units"] == 3.0


def test_an_encoding_given_goes_before_the_guess(write: Write) -> None:
    path = write(REVIEWS.replace("😀", ""), encoding="gbk")
    assert error_of(path, encoding="utf-8").code == "bad_header"
    assert good(path, encoding="GBK")[1].values["text"] == "很好"


def test_the_same_file_twice_gives_the_same_ids(write: Write) -> None:
    path = write(REVIEWS)
    ids = [row.values["review_id"] for row in good(path)]
    assert ids == [row.values["review_id"] for row in good(path)]
    assert len(set(ids)) == 2


def test_bad_rows_are_refused_and_good_ones_go_in(write: Write) -> None:
    path = write(
        "商品ID,评论时间,评论内容,评分\n"
        "p1,2025-02-30,x,5\n"
        "p1,2026-11-11,好,7\n"
        "p1,2026-11-11,好,4.5\n"
        f"p1,2026-11-11,{'长' * 100_000},5\n"
        "p1,2026-11-11,a\0b,5\n"
        "p1,2026-11-11\n"
        "p1,2026-11-11,好,5,多\n"
        "1.23E+17,2026-11-11,好,5\n"
        "p1,2026-11-11,,5\n"
        "p1,2026-11-11,=SUM(A1),5\n"
    )
    assert [(line, column, code) for line, column, _, code in refused(path)] == [
        (2, "评论时间", "no_such_date"),
        (3, "评分", "rating_out_of_range"),
        (5, "评论内容", "text_too_long:100000"),
        (6, "", f"nul:{path.read_bytes().index(0)}"),
        (7, "", "too_few_fields:2 / 4"),
        (8, "", "too_many_fields:5 / 4"),
        (9, "商品ID", "lost_digits"),
        (10, "评论内容", "missing_value"),
    ]
    rows = [item for item in ingest.rows(path, "reviews") if isinstance(item, Row)]
    assert [(row.line, row.values["text"], row.values["rating"]) for row in rows] == [
        (4, "好", 4.5),
        (11, "=SUM(A1)", 5.0),
    ]


def test_the_value_of_a_refusal_is_what_the_file_holds(write: Write) -> None:
    assert refused(write(SALES + "p1,2026-11-13,-3\n"), "sales") == [(4, "销量", "-3", "negative")]
    value = refused(write(REVIEWS + f"p1,2026-11-13,{'长' * (TEXT_LIMIT + 1)},1\n"))[0][2]
    assert value == "长" * 200


def test_a_stray_byte_in_a_gbk_file_costs_one_row(write: Write) -> None:
    start = "商品ID,评论时间,评论内容\np1,2026-11-11,味道很大\n".encode("gbk")
    data = start + "p1,2026-11-11,坏".encode("gbk") + b"\xff\n" + "p1,2026-11-12,好\n".encode("gbk")
    path = write(data)
    offset = data.index(b"\xff")
    assert [(line, code) for line, _, _, code in refused(path)] == [(3, f"undecodable:{offset}")]
    texts = [item.values["text"] for item in ingest.rows(path, "reviews") if isinstance(item, Row)]
    assert texts == ["味道很大", "好"]
    assert ingest.preview(path, "reviews").encoding == "gb18030"


def test_missing_columns_say_what_was_found_missing_and_accepted(write: Write) -> None:
    error = error_of(write("商品ID,时刻,话\np1,2026-11-11,好\n"))
    assert isinstance(error, WrongColumnsError)
    for part in ("created_at, text", "商品ID, 时刻, 话", "评论时间", "评论内容"):
        assert part in error.reason("zh")
        assert part in error.reason("en")


@pytest.mark.parametrize("name", ["file.csv", "file.xlsx", "file.csv.gz", "file.parquet", "file.jsonl"])
def test_a_file_of_no_bytes(write: Write, name: str) -> None:
    path = write(b"", name=name)
    assert isinstance(error_of(path), EmptyFileError)
    for read in (ingest.count_rows, lambda p: ingest.preview(p, "reviews")):
        with pytest.raises(EmptyFileError):
            read(path)


def test_a_header_alone(write: Write, write_xlsx: WriteXlsx) -> None:
    path = write("商品ID,评论时间,评论内容\n")
    for empty in (path, write_xlsx([["商品ID", "评论时间", "评论内容"]])):
        assert error_of(empty).code == "no_rows"
        assert ingest.count_rows(empty) == 0
        with pytest.raises(EmptyFileError):
            ingest.preview(empty, "reviews")


def test_counting_finds_a_truncated_gzip_before_anything_is_imported(write: Write) -> None:
    lines = "".join(f"p{n},2026-11-11,{n * 7919 % 1000}\n" for n in range(20_000))
    path = write(SALES + lines, gz=True)
    path.write_bytes(path.read_bytes()[:-2_000])
    with pytest.raises(CorruptFileError) as caught:
        ingest.count_rows(path)
    assert caught.value.code == "truncated"


def test_a_gzip_bomb(write: Write) -> None:
    path = write(SALES + "p1,2026-11-11,3\n" * 100_000, gz=True)
    with pytest.raises(TooLargeError):
        ingest.count_rows(path, max_unpacked_bytes=100_000)
    assert error_of(path, "sales", max_unpacked_bytes=100_000).code == "too_large"


@pytest.mark.parametrize("kind", ["reviews", "products", "sales", "orders"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_filled_template_goes_in(write: Write, kind: str, language: str) -> None:
    cells = {
        "moment": "2026-11-11 08:00",
        "day": "2026-11-11",
        "stars": "5",
        "yes_no": "是",
        "id": "1",
        "title": "标题",
        "text": "文字",
    }
    by_name = {field.name: cells.get(field.type, "3") for field in ingest.KINDS[kind]}
    by_name |= {field.synonyms[0]: by_name[field.name] for field in ingest.KINDS[kind]}
    header = ingest.template(kind, language)
    found = good(write(",".join(header) + "\n" + ",".join(by_name[name] for name in header)), kind)
    assert all(found[0].values[field.name] is not None for field in ingest.KINDS[kind])


def test_count_rows_counts_what_rows_yields(write: Write, write_xlsx: WriteXlsx) -> None:
    text = REVIEWS + 'p1,bad,"two\nlines",1\n\n,,,\np1,2026-11-11\np1,"2026-11-11,x,1\np1,2026-11-11,y,1\n'
    path = write(text)
    assert ingest.count_rows(path) == len(list(ingest.rows(path, "reviews"))) == 6
    path = write_xlsx([["商品ID", "日期", "销量"], ["a", date(2026, 1, 1), 1], [None], ["a", "bad", 1]])
    assert ingest.count_rows(path) == len(list(ingest.rows(path, "sales"))) == 2


def test_rows_that_are_skipped_are_not_checked(write: Write) -> None:
    path = write("product_id,created_at,text\np1,bad,x\np1,2026-11-11,y\n")
    assert [row.values["text"] for row in ingest.rows(path, "reviews", skip=1)] == ["y"]
    assert list(ingest.rows(path, "reviews", skip=5)) == []


def test_counting_tells_how_far_it_is(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "COUNTED", 2)
    told: list[int] = []
    path = write("product_id,created_at,text\n" + "p1,2026-11-11,y\n" * 5)
    assert ingest.count_rows(path, tell=told.append) == 5
    assert told == [2, 4, 5]


def test_preview_of_sales(write: Write) -> None:
    text = "unique_id,ds,y,views,holiday,note,state\n"
    text += "".join(f"{n},2026-01-01,{n},{n},0,,{'a' if n else 0}\n" for n in range(-1, 40))
    found = ingest.preview(write(text), "sales", limit=5)
    assert (found.format, found.encoding) == ("csv", "utf-8")
    assert found.mapping == {"unique_id": "product_id", "ds": "date", "y": "units", "views": "views"}
    assert (found.extra, found.unmapped, found.missing) == (["holiday"], ["note", "state"], [])
    assert [row.line for row in found.rows] == [3, 4, 5, 6]
    assert [item.code for item in found.refusals] == ["negative"]
    assert found.sample[0] == ["-1", "2026-01-01", "-1", "-1", "0", "", "a"]
    assert found.rows[0].values["extra"] == {"holiday": 0.0}


def test_preview_lists_missing_fields_and_still_shows_cells(write: Write) -> None:
    found = ingest.preview(write("商品ID,a,b\np1,x,好\n"), "reviews")
    assert found.missing == ["created_at", "text"]
    assert (found.rows, found.refusals, found.sample) == ([], [], [["p1", "x", "好"]])
    mapped = ingest.preview(
        write("商品ID,a,b\np1,2026-1-1,好\n"), "reviews", mapping={"a": "created_at", "b": "text"}
    )
    assert (mapped.missing, len(mapped.rows)) == ([], 1)


def test_an_ignored_column_is_not_guessed_to_be_extra(write: Write) -> None:
    path = write("商品ID,日期,销量,x,y_\np1,2026-11-11,1,2,3\n")
    assert ingest.preview(path, "sales").extra == ["x"] or ingest.preview(path, "sales").extra == ["x", "y_"]
    found = ingest.preview(path, "sales", mapping={"x": ""})
    assert "x" not in found.extra
    assert "x" in found.unmapped
    assert "x" not in good(path, "sales", mapping={"x": ""})[0].values["extra"]


def test_a_column_mapped_to_extra_is_listed(write: Write) -> None:
    found = ingest.preview(
        write(SALES.replace("销量", "销量,备注").replace("3\n", "3,1\n").replace("4\n", "4,b\n")),
        "sales",
        mapping={"备注": "extra"},
    )
    assert found.extra == ["备注"]
    assert [item.column for item in found.refusals] == ["备注"]


def test_excel_numbers_as_ids_dates_and_ratings(write_xlsx: WriteXlsx) -> None:
    path = write_xlsx(
        [
            ["商品ID", "评论时间", "评论内容", "评分"],
            [100013853362, 46337.5, 666, 5],
            [1234567890123456789, 46337, "好", 5],
        ]
    )
    found = list(ingest.rows(path, "reviews"))
    assert isinstance(found[0], Row)
    assert found[0].values["product_id"] == "100013853362"
    assert found[0].values["created_at"] == datetime(2026, 11, 11, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert found[0].values["text"] == "666"
    assert isinstance(found[1], Refusal)
    assert (found[1].line, found[1].column, found[1].code) == (3, "商品ID", "lost_digits")


def test_a_mac_workbooks_serials(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    sheet = book.active
    assert sheet is not None
    for row in (["商品ID", "日期", "销量"], ["a", 44875, 1]):
        sheet.append(row)
    book.save(tmp_path / "mac.xlsx")
    assert good(tmp_path / "mac.xlsx", "sales")[0].values["date"] == date(2026, 11, 11)


def test_rows_are_streamed(write: Write) -> None:
    line = "p1,2026-11-11 08:00:00,这是一条不长不短的评论内容,5\n"
    path = write("商品ID,评论时间,评论内容,评分\n" + line * 100_000)
    size = path.stat().st_size
    tracemalloc.start()
    count = sum(1 for _ in ingest.rows(path, "reviews"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 100_000
    assert peak < size / 3


def test_a_file_that_is_let_go_is_closed(write: Write) -> None:
    path = write(REVIEWS)
    reading = ingest.rows(path, "reviews")
    next(reading)
    reading.close()  # type: ignore[attr-defined]
    path.unlink()
    assert not path.exists()


def test_an_unknown_kind(write: Write) -> None:
    assert error_of(write(SALES), "sale").code == "unknown_kind"
