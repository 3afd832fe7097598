from typing import Any

import pytest

from webapp.pages.preparation import preparation

COUNTS = {
    "days": 400,
    "stockout": 3,
    "unknown": 0,
    "closed": 2,
    "unrecorded": 0,
    "filled_zero": 7,
    "ended": 0,
}


def test_what_was_made_of_the_days_is_one_line(english: None) -> None:
    assert preparation({"preparation": COUNTS}) == (
        "400 days of sales: 3 out of stock, whose demand is taken as unknown; 2 closed, left out; "
        "7 without a row, taken as nothing sold."
    )


def test_in_chinese_too(chinese: None) -> None:
    said = preparation({"preparation": COUNTS | {"unknown": 1, "unrecorded": 4, "ended": 5}})
    assert said == (
        "共 400 天销量：3 天缺货，需求视为未知；1 天无数值，视为未知；2 天停业，不参与学习；"
        "4 天的零属于漏记，不参与学习；7 天无记录，视为零销量；末次记录之后 5 天视为零销量。"
    )


def test_plain_days_are_said_to_be_so(english: None) -> None:
    assert preparation({"preparation": {"days": 90}}) == "90 days of sales, all used as they were given."


@pytest.mark.parametrize("findings", [None, {}, {"preparation": {}}, {"preparation": {"days": 0}}])
def test_nothing_counted_nothing_said(findings: dict[str, Any] | None) -> None:
    assert preparation(findings) is None
