import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ingest import CorruptFileError, EmptyFileError, TooLargeError, UnsupportedFileError
from ingest import xlsx_table as module
from ingest.xlsx_table import xlsx_table

WriteXlsx = Callable[[list[list[Any]]], Path]


def read(path: Path, limit: int = 10**9) -> tuple[list[str], list[Any]]:
    with path.open("rb") as file, xlsx_table(file, limit) as table:
        return table.columns, list(table.records)


def changed(path: Path, part: str, change: Callable[[str], str]) -> Path:
    """Rewrite one part of a workbook."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data.decode()) if name == part else data)
    path.write_bytes(buffer.getvalue())
    return path


def test_cells_keep_their_types(write_xlsx: WriteXlsx) -> None:
    day = datetime(2026, 11, 11)
    columns, records = read(write_xlsx([["a", "b", " c "], [1, "味道😀", day], [None, 2.5, True]]))
    assert columns == ["a", "b", "c"]
    assert records == [(2, [1, "味道😀", day]), (3, [None, 2.5, True])]


def test_blank_rows_are_skipped_but_counted(write_xlsx: WriteXlsx) -> None:
    columns, records = read(write_xlsx([[None], ["a", "b"], [1, 2], [None, " "], [3, 4]]))
    assert columns == ["a", "b"]
    assert [line for line, _ in records] == [3, 5]


def test_short_rows_are_filled_and_stray_cells_cut(write_xlsx: WriteXlsx) -> None:
    _, records = read(write_xlsx([["a", "b", None], [1], [1, 2, "note"]]))
    assert records == [(2, [1, None]), (3, [1, 2])]


def test_numbers_of_more_than_15_digits_are_no_longer_exact(write_xlsx: WriteXlsx) -> None:
    _, records = read(write_xlsx([["a"], [123456789012345], [1234567890123456]]))
    assert [type(cells[0]) for _, cells in records] == [int, float]


def test_a_wrong_dimension_does_not_cut_rows(write_xlsx: WriteXlsx) -> None:
    path = write_xlsx([["a", "b"], *([n, n] for n in range(50))])
    changed(path, "xl/worksheets/sheet1.xml", lambda text: text.replace('ref="A1:B51"', 'ref="A1"'))
    columns, records = read(path)
    assert (columns, len(records)) == (["a", "b"], 50)


def test_a_row_number_beyond_the_last_is_corrupt(
    write_xlsx: WriteXlsx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LAST_ROW", 1_000)
    path = write_xlsx([["a"], [1]])
    changed(path, "xl/worksheets/sheet1.xml", lambda text: text.replace('<row r="2"', '<row r="999999999"'))
    with pytest.raises(CorruptFileError):
        read(path)


def test_the_1904_system_is_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    sheet = book.active
    assert sheet is not None
    sheet.append(["a"])
    book.save(tmp_path / "mac.xlsx")
    with (tmp_path / "mac.xlsx").open("rb") as file, xlsx_table(file, 10**9) as table:
        assert table.epoch == datetime(1904, 1, 1)


def test_a_workbook_without_a_row_is_empty(write_xlsx: WriteXlsx) -> None:
    with pytest.raises(EmptyFileError):
        read(write_xlsx([]))


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.95])
def test_a_truncated_workbook_is_corrupt(write_xlsx: WriteXlsx, keep: float) -> None:
    path = write_xlsx([["a"], *([n] for n in range(500))])
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(CorruptFileError):
        read(path)


def test_a_sheet_that_breaks_off_names_its_row(write_xlsx: WriteXlsx) -> None:
    path = write_xlsx([["a"], *([n] for n in range(500))])
    changed(path, "xl/worksheets/sheet1.xml", lambda text: text[: len(text) // 2])
    with pytest.raises(CorruptFileError) as caught:
        read(path)
    assert caught.value.line is not None
    assert 200 < caught.value.line < 300


def test_entities_that_multiply_are_not_expanded(write_xlsx: WriteXlsx) -> None:
    path = write_xlsx([["a"], ["x"]])
    names = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE b [<!ENTITY a0 "lol">{names}]>'
    changed(
        path,
        "xl/worksheets/sheet1.xml",
        lambda text: bomb + text[text.index("<worksheet") :].replace("<t>x</t>", "<t>&a11;</t>"),
    )
    with pytest.raises(CorruptFileError, match=r"(?i)amplification|entit") as refused:
        read(path)
    assert str(path) not in str(refused.value)


def test_another_zip_is_not_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "file.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("file.csv", "a,b\n1,2\n")
    with pytest.raises(UnsupportedFileError, match="zip"):
        read(path)


def test_a_zip_of_the_right_name_only_is_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "file.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
    with pytest.raises(CorruptFileError):
        read(path)


@pytest.mark.parametrize("cut", [100, 2000])
def test_what_only_pretends_to_be_a_workbook_is_said_in_the_readers_language(
    write_xlsx: WriteXlsx, cut: int
) -> None:
    path = write_xlsx([["a"], *([n] for n in range(500))])
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(CorruptFileError) as refused:
        read(path)
    assert (refused.value.code, "zip" in refused.value.reason("zh")) == ("not_a_workbook", False)
    assert "no whole xlsx workbook" in refused.value.reason("en")


def test_a_bomb_is_refused_before_it_is_opened(
    write_xlsx: WriteXlsx, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_xlsx([["a"], [1]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet2.xml", b"0" * (20 * 2**20))
    monkeypatch.setattr(openpyxl, "load_workbook", lambda *_, **__: pytest.fail("it was opened"))
    with pytest.raises(TooLargeError) as caught:
        read(path)
    assert caught.value.code == "zip_bomb"


def test_the_limit_on_unpacked_bytes_counts_all_parts(write_xlsx: WriteXlsx) -> None:
    path = write_xlsx([["a"], *([n] for n in range(500))])
    with zipfile.ZipFile(path) as archive:
        size = sum(part.file_size for part in archive.infolist())
    assert len(read(path, limit=size)[1]) == 500
    with pytest.raises(TooLargeError):
        read(path, limit=size - 1)


def test_texts_that_would_fill_the_memory_are_refused(
    write_xlsx: WriteXlsx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_SHARED_STRINGS", 1_000)
    path = write_xlsx([["a"], [1]])
    assert len(read(path)[1]) == 1
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", b"<sst/>" * 500)
    with pytest.raises(TooLargeError):
        read(path)
