from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl

from reports.overview import Line, write_overview


def lines(count: int) -> Iterator[Line]:
    for n in range(count):
        names = (f"{n:020}", f"=商品 {n}", "小家电", "", "")
        yield Line(names, (120.0, 100.0), 7, (0.5, 0.25), (14.0, 10.0, None, 0.7), "helps")


def test_a_line_per_product(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    assert write_overview(path, lines(3), date(2026, 10, 22), date(2026, 11, 20), "zh") == 3
    sheet = openpyxl.load_workbook(path)["概览"]
    assert [cell.value for cell in sheet[1]][:6] == ["商品编号", "商品名称", "类目", "品牌", "店铺", "销量"]
    names = [cell.value for cell in sheet[1]]
    assert (len(set(names)), names[6], names[10]) == (len(names), "上期销量", "上期净情感值")
    row = [cell.value for cell in sheet[4]]
    assert row[:2] == ["0" * 19 + "2", "'=商品 2"]
    assert row[5:9] == [120, 100, 0.2, 7]
    assert row[13:] == [None, 0.7, "有效"]
    facts = openpyxl.load_workbook(path)["方法"]
    assert facts["B2"].value == "2026-10-22 – 2026-11-20"


def test_the_change_of_nothing_is_unknown() -> None:
    line = Line(("", "", "", "", ""), (5.0, 0.0), 0, (None, None), (None, None, None, None), None)
    assert line.change is None
