"""Files to read, written on the spot."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes text (in an encoding) or bytes to a new file, gzipped on request."""

    def write(
        content: str | bytes, name: str = "file.csv", encoding: str = "utf-8", gz: bool = False
    ) -> Path:
        data = content.encode(encoding) if isinstance(content, str) else content
        path = tmp_path / (name + ".gz" if gz else name)
        path.write_bytes(gzip.compress(data) if gz else data)
        return path

    return write


@pytest.fixture
def write_xlsx(tmp_path: Path) -> Callable[[list[list[Any]]], Path]:
    """Return a function that writes rows to the first sheet of a workbook."""

    def write_xlsx(rows: list[list[Any]]) -> Path:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        for row in rows:
            sheet.append(row)
        path = tmp_path / "file.xlsx"
        book.save(path)
        return path

    return write_xlsx
