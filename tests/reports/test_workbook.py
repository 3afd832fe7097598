"""Workbooks are opened by another library than the one that wrote them."""

import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from reports.tables import tables_of
from reports.workbook import write_workbook
from tests.reports.factories import NAME, figures


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "a.xlsx"
    assert write_workbook(made, tables_of(figures(), "zh")) > 200
    return made


def test_sheets_cells_and_their_kinds(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["概览", "每日", "预测", "情感", "方面", "模型对比", "方法"]
    daily = book["每日"]
    assert [cell.value for cell in daily[1]][:3] == ["日期", "销量", "销售额"]
    assert daily["A2"].value == datetime(2026, 8, 23)
    assert (daily["B2"].value, daily["B2"].data_type) == (45, "n")
    assert "双11" in [row[-1].value for row in daily.iter_rows(max_col=8)]


def test_ids_are_text_and_formulas_are_not_run(path: Path) -> None:
    facts = {row[0].value: row[1] for row in openpyxl.load_workbook(path)["方法"].iter_rows()}
    assert (facts["商品编号"].value, facts["商品编号"].data_type) == ("00123456789012345678", "s")
    assert (facts["品牌"].value, facts["品牌"].data_type) == ("'=1+1", "s")
    assert facts["商品名称"].value == NAME
    assert facts["影响预测：促销与大促（件）"].data_type == "n"


def test_no_cell_is_a_formula(path: Path) -> None:
    with zipfile.ZipFile(path) as parts:
        sheets = [name for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) == 7
        assert [name for name in sheets if b"<f>" in parts.read(name)] == []


def test_charts_are_native(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    assert {name: len(book[name]._charts) for name in book.sheetnames} == {
        **{"概览": 0, "每日": 1, "预测": 1, "情感": 1, "方面": 1, "模型对比": 1, "方法": 0}
    }
    [drawn] = book["预测"]._charts
    assert type(drawn).__name__ == "LineChart"
    assert drawn.series[0].val.numRef.f == "预测!$B$2:$B$15"
    assert len(drawn.series) == 3


def test_the_same_figures_are_the_same_bytes(path: Path, tmp_path: Path) -> None:
    write_workbook(tmp_path / "b.xlsx", tables_of(figures(), "zh"))
    assert (tmp_path / "b.xlsx").read_bytes() == path.read_bytes()


def test_whole_numbers_have_no_point_and_small_ones_their_digits(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    facts = {row[0].value: row[1].number_format for row in book["方法"].iter_rows()}
    assert (facts["p 值"], facts["影响预测：促销与大促（件）"]) == ("0.000", "#,##0")
    used = {cell.number_format for sheet in book for row in sheet.iter_rows() for cell in row}
    assert [code for code in used if code.endswith(".##")] == []
