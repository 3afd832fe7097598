from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ingest import KINDS, Refusal, Row
from ingest.checks import compile_check
from ingest.columns import match
from ingest.dates import EXCEL_EPOCH


def check(
    kind: str,
    columns: list[str],
    cells: Sequence[Any],
    guessed: Sequence[str] = (),
    mapping: dict[str, str] | None = None,
    timezone: str = "Asia/Shanghai",
) -> Row | Refusal:
    matched = match(columns, kind, mapping)
    return compile_check(columns, matched, kind, timezone, EXCEL_EPOCH, guessed)(9, cells)


def test_a_row_has_every_field_of_its_kind() -> None:
    row = check("sales", ["商品ID", "日期", "销量"], ["a", "2026-11-11", "3"])
    assert isinstance(row, Row)
    assert row.line == 9
    assert set(row.values) == {field.name for field in KINDS["sales"]} | {"extra"}
    assert (row.values["product_id"], row.values["date"], row.values["units"]) == (
        "a",
        date(2026, 11, 11),
        3.0,
    )
    assert row.values["promo"] is None


def test_every_type_of_sales() -> None:
    columns = [field.name for field in KINDS["sales"]]
    cells = ["a", "20261111", "1,200", "-9.5", "￥19.9", "是", "0", "1.2万", "7", ""]
    row = check("sales", columns, cells)
    assert isinstance(row, Row)
    assert row.values == {
        "product_id": "a",
        "date": date(2026, 11, 11),
        "units": 1200.0,
        "revenue": Decimal("-9.5"),
        "price": Decimal("19.9"),
        "promo": True,
        "stockout": False,
        "views": 12000,
        "visitors": 7,
        "carts": None,
        "extra": {},
    }


def test_every_type_of_products() -> None:
    row = check("products", ["商品ID", "标题", "价格", "上架时间"], ["1", "空调扇", "299", "2026/1/5"])
    assert isinstance(row, Row)
    assert (row.values["price"], row.values["launched_at"]) == (Decimal(299), date(2026, 1, 5))
    assert row.values["description"] is None


def test_every_type_of_orders() -> None:
    columns = ["订单号", "商品ID", "下单时间", "数量", "单价"]
    row = check("orders", columns, ["C1", "p", "2026-11-11 08:00", "-2", "9.9"])
    assert isinstance(row, Row)
    assert row.values["quantity"] == -2
    assert row.values["ordered_at"] == datetime(2026, 11, 11, 8, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert row.values["customer_id"] is None


def test_a_review_without_an_id_gets_one() -> None:
    columns = ["商品ID", "评论时间", "评论内容"]
    row = check("reviews", columns, ["p", "2026-11-11", "好"])
    assert isinstance(row, Row)
    assert row.values["review_id"].startswith("h-")


def test_a_review_keeps_the_id_it_has() -> None:
    columns = ["商品ID", "评论时间", "评论内容", "评论ID"]
    row = check("reviews", columns, ["p", "2026-11-11", "好", "14569472612"])
    assert isinstance(row, Row)
    assert row.values["review_id"] == "14569472612"


def test_the_zone_is_the_shops() -> None:
    row = check("reviews", ["id_", "评论时间", "评论内容"], ["p", "2026-11-11", "x"], timezone="UTC")
    assert isinstance(row, Row)
    assert row.values["created_at"] == datetime(2026, 11, 11, tzinfo=ZoneInfo("UTC"))


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("日期", "2025-02-30", "no_such_date"),
        ("日期", "", "missing_value"),
        ("日期", None, "missing_value"),
        ("日期", "-", "missing_value"),
        ("销量", "-3", "negative"),
        ("商品ID", "1.23E+17", "lost_digits"),
        ("商品ID", " ", "missing_value"),
        ("价格", "贵", "not_a_number"),
        ("促销", "满减", "not_a_boolean"),
        ("浏览量", "1.5", "not_whole"),
    ],
)
def test_a_refusal_names_column_and_value(column: str, value: Any, code: str) -> None:
    good = {"商品ID": "a", "日期": "2026-11-11", "销量": "1", "价格": "1", "促销": "1", "浏览量": "1"}
    cells = {**good, column: value}
    shown = "" if value is None else value
    assert check("sales", list(cells), list(cells.values())) == Refusal(9, column, shown, code)


def test_units_may_be_empty_for_a_day_to_come() -> None:
    row = check("sales", ["product_id", "date", "units", "promo"], ["a", "2026-11-11", "", "1"])
    assert isinstance(row, Row)
    assert (row.values["units"], row.values["promo"]) == (None, True)


def test_a_guessed_column_keeps_numbers_only() -> None:
    columns = ["product_id", "date", "units", "holiday", "temperature"]
    row = check("sales", columns, ["a", "2026-11-11", "1", "a", "-3.5"], guessed=["holiday", "temperature"])
    assert isinstance(row, Row)
    assert row.values["extra"] == {"temperature": -3.5}


def test_a_column_mapped_to_extra_must_hold_numbers() -> None:
    columns = ["product_id", "date", "units", "holiday"]
    refusal = check("sales", columns, ["a", "2026-11-11", "1", "a"], mapping={"holiday": "extra"})
    assert refusal == Refusal(9, "holiday", "a", "not_a_number")


def test_the_first_of_two_columns_of_one_name_counts() -> None:
    row = check("sales", ["product_id", "date", "units", "units"], ["a", "2026-11-11", "1", "2"])
    assert isinstance(row, Row)
    assert row.values["units"] == 1.0


def test_rows_do_not_share_their_values() -> None:
    columns = ["product_id", "date", "units", "x"]
    checked = compile_check(columns, match(columns, "sales"), "sales", "Asia/Shanghai", EXCEL_EPOCH, ["x"])
    first, second = (checked(n, ["a", "2026-11-11", "1", str(n)]) for n in (2, 3))
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert first.values["extra"] == {"x": 2.0}
    assert second.values["extra"] == {"x": 3.0}


def test_an_unknown_zone_is_an_error() -> None:
    with pytest.raises(KeyError):
        check("sales", ["product_id", "date", "units"], ["a", "2026-11-11", "1"], timezone="Asia/Nowhere")
