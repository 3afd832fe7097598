import csv
import io
from pathlib import Path
from typing import Any

import pytest

from webapp.cells import csv_line, inert

ROOT = Path(__file__).parents[2]
WAYS = ("csv.writer", "openpyxl", ".to_csv", ".to_excel")


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://evil.example","x")',
        "+1+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "　=1",
        "＝1",
    ],
)
def test_formulas_become_text(text: str) -> None:
    [[cell, rest]] = csv.reader(io.StringIO(csv_line([text, "好"])))
    assert (cell, rest) == (f"'{text}", "好")


@pytest.mark.parametrize("cell", [-3, 2.5, None, "", "好", "a=b", "2026-06-01"])
def test_numbers_and_ordinary_text_stay(cell: Any) -> None:
    assert inert(cell) == cell


def test_no_download_is_written_past_this() -> None:
    written = {
        path.relative_to(ROOT).as_posix()
        for part in ("webapp", "workers")
        for path in (ROOT / part).rglob("*.py")
        if any(
            way in path.read_text(encoding="utf-8")
            for way in ("csv.writer", "openpyxl", ".to_csv", ".to_excel")
        )
    }
    # The workbook is an empty one to fill in: nothing of a user's is in it.
    assert written == {"webapp/cells.py", "webapp/pages/workbook.py"}
