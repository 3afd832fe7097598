from decimal import Decimal
from typing import Any

import pytest

from ingest.numbers import amount, count, is_numeric, money, stars
from ingest.values import Converter, Refused


def code_of(convert: Converter, cell: Any) -> str:
    with pytest.raises(Refused) as caught:
        convert(cell)
    return caught.value.code


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("199", "199"),
        ("1,299.00", "1299.00"),
        ("1，299.00", "1299.00"),
        ("￥199", "199"),
        ("¥ 1,299", "1299"),
        ("199元", "199"),
        ("1.2万", "12000"),
        ("3亿", "300000000"),
        ("１２．５", "12.5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("+3", "3"),
        ("1.5e3", "1500"),
        (" 12 ", "12"),
        (12, "12"),
        (0.1, "0.1"),
        (Decimal("9.90"), "9.90"),
        (True, "1"),
    ],
)
def test_ways_to_write_money(cell: Any, expected: str) -> None:
    assert money()(cell) == Decimal(expected)


@pytest.mark.parametrize("cell", ["", "-", "NULL", "nan", float("nan")])
def test_nothing(cell: Any) -> None:
    assert money()(cell) is None
    assert amount()(cell) is None
    assert count()(cell) is None
    assert stars(cell) is None


@pytest.mark.parametrize(
    "cell",
    ["abc", "1,29", "1.299,00", "12,34,567", "1 2a", "1.2万+", "inf", "1_000", ".", "0x10", "元", "9" * 200],
)
def test_what_is_not_a_number(cell: Any) -> None:
    assert code_of(money(), cell) == "not_a_number"


@pytest.mark.parametrize("cell", [float("inf"), Decimal("NaN"), [], {}, b"1"])
def test_things_that_are_not_a_number(cell: Any) -> None:
    assert code_of(money(), cell) == "not_a_number"


def test_negative_numbers_only_where_allowed() -> None:
    assert code_of(money(), "-3") == "negative"
    assert code_of(amount(), -0.5) == "negative"
    assert code_of(count(), "-1") == "negative"
    assert money(negative=True)("-1,299.00") == Decimal("-1299.00")
    assert money(negative=True)("-￥5") == Decimal(-5)
    assert count(negative=True)("-6.0") == -6


def test_numbers_too_large_to_store() -> None:
    assert code_of(money(), "1000000000000") == "number_too_large"
    assert code_of(amount(), 1e300) == "number_too_large"
    assert code_of(count(), "3000000000") == "number_too_large"
    assert code_of(money(negative=True), "-1e20") == "number_too_large"


def test_amounts_are_floats_and_counts_are_ints() -> None:
    assert amount()("1.5") == 1.5
    assert type(amount()("2")) is float
    assert count()("6.0") == 6
    assert type(count()("6.0")) is int
    assert code_of(count(), "6.5") == "not_whole"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("5", 5.0),
        ("4.5", 4.5),
        (1, 1.0),
        ("3.0", 3.0),
        ("5星", 5.0),
        ("五星", 5.0),
        ("4 stars", 4.0),
        ("2分", 2.0),
    ],
)
def test_stars(cell: Any, expected: float) -> None:
    assert stars(cell) == expected


@pytest.mark.parametrize("cell", ["7", "0", "-1", 5.1, "100", "9星"])
def test_ratings_outside_the_scale(cell: Any) -> None:
    assert code_of(stars, cell) == "rating_out_of_range"


@pytest.mark.parametrize("cell", ["好评", "...星", "n星"])
def test_ratings_that_are_no_numbers(cell: Any) -> None:
    assert code_of(stars, cell) == "not_a_number"


@pytest.mark.parametrize(
    ("cell", "expected"), [("1.5", True), ("-3", True), ("", True), ("a", False), ([], False)]
)
def test_is_numeric(cell: Any, expected: bool) -> None:
    assert is_numeric(cell) is expected
