"""Excel workbooks: the first sheet, row by row."""

import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, BinaryIO

import openpyxl

from ingest.errors import CorruptFileError, EmptyFileError, IngestError, TooLargeError, UnsupportedFileError
from ingest.tables import Record, Table, is_blank

MAX_RATIO = 100
# Small workbooks may compress as well as they like.
RATIO_MATTERS_FROM = 10 * 2**20
MAX_SHARED_STRINGS = 256 * 2**20
LAST_ROW = 1_048_576
# A spreadsheet shows 15 digits: a longer id that was typed as a number is no longer the id.
_EXACT = 10**15


@contextmanager
def xlsx_table(file: BinaryIO, limit: int) -> Iterator[Table]:
    """Open a workbook whose parts are checked before anything is unpacked.

    Parameters
    ----------
    file : BinaryIO
        Seekable.
    limit : int
        Most bytes that its parts may unpack to.

    Raises
    ------
    CorruptFileError, TooLargeError, UnsupportedFileError, EmptyFileError
    """
    _check_parts(file, limit)
    with _broken_is_corrupt("not_a_workbook"):
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    with closing(book):
        if not book.worksheets:
            raise EmptyFileError
        rows = _rows(book.worksheets[0])
        header = next((cells for _, cells in rows), None)
        if header is None:
            raise EmptyFileError
        names = [str(cell).strip() if cell is not None else "" for cell in header]
        while names and not names[-1]:
            names.pop()
        yield Table("xlsx", names, _records(rows, len(names)), epoch=book.epoch)


def _rows(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    with _broken_is_corrupt():
        sheet.reset_dimensions()  # files that declare too small a range are common
        rows = sheet.iter_rows(values_only=True)
    number = 0
    while True:
        with _broken_is_corrupt(line=number + 1):
            cells = next(rows, None)
        if cells is None:
            return
        number += 1
        if number > LAST_ROW:
            raise CorruptFileError(line=number, detail=f"> {LAST_ROW} rows")
        if not is_blank(cells):
            yield number, cells


def _records(rows: Iterator[tuple[int, tuple[Any, ...]]], width: int) -> Iterator[Record]:
    for number, cells in rows:
        fitted = [_exact(cell) for cell in cells[:width]]
        fitted += [None] * (width - len(fitted))
        if not is_blank(fitted):
            yield number, fitted


def _exact(cell: Any) -> Any:
    return float(cell) if type(cell) is int and abs(cell) >= _EXACT else cell


def _check_parts(file: BinaryIO, limit: int) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise CorruptFileError("not_a_workbook", detail=str(error)) from None
    if not any(part.filename == "[Content_Types].xml" for part in parts):
        raise UnsupportedFileError(detail="zip")
    total = sum(part.file_size for part in parts)
    packed = max(1, sum(part.compress_size for part in parts))
    if total > limit:
        raise TooLargeError(limit=f"{limit:,}")
    if total > RATIO_MATTERS_FROM and total / packed > MAX_RATIO:
        raise TooLargeError("zip_bomb", ratio=round(total / packed))
    strings = sum(part.file_size for part in parts if part.filename.lower().endswith("sharedstrings.xml"))
    if strings > MAX_SHARED_STRINGS:
        raise TooLargeError(limit=f"{MAX_SHARED_STRINGS:,}")


@contextmanager
def _broken_is_corrupt(code: str = "corrupt", line: int | None = None) -> Iterator[None]:
    try:
        yield
    except IngestError:
        raise
    except Exception as error:  # openpyxl promises nothing about what a broken workbook raises
        # Its own words name a path of ours; the cause says what is wrong.
        cause = error.__cause__ or error
        raise CorruptFileError(code, line=line, detail=f"{type(cause).__name__}: {cause}"[:200]) from error
