from pathlib import Path

import pytest

import ingest
from webapp.pages.columns import choices, fields


@pytest.fixture
def sales(tmp_path: Path) -> ingest.Preview:
    file = tmp_path / "sales.csv"
    file.write_text("商品ID,日期,销量,备注,气温\nA,2026-11-01,3,,12.5\nB,2026-11-02,4,x,13\n", "utf-8")
    return ingest.preview(file, "sales")


def test_each_column_has_its_field_and_an_example(sales: ingest.Preview) -> None:
    found = choices(sales, {})
    assert [(choice.column, choice.field, choice.example) for choice in found] == [
        ("商品ID", "product_id", "A"),
        ("日期", "date", "2026-11-01"),
        ("销量", "units", "3"),
        ("备注", "", "x"),
        ("气温", "extra", "12.5"),
    ]


def test_only_extra_numbers_have_a_role(sales: ingest.Preview) -> None:
    assert [choice.role for choice in choices(sales, {})] == [None, None, None, None, "past"]
    assert choices(sales, {"气温": "future"})[-1].role == "future"


def test_required_fields_come_first_in_the_readers_words() -> None:
    zh, en = fields("reviews", "zh"), fields("reviews", "en")
    assert [field.required for field in zh[:4]] == [True, True, True, False]
    assert "评论内容" in [field.label for field in zh] or "评论时间" in [field.label for field in zh]
    assert en[0].label == en[0].name == "product_id"
