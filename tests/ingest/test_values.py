from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ingest.values import ID_LIMIT, TEXT_LIMIT, Refused, identifier, is_nothing, remembered, text, yes_no


def code_of(convert: Any, cell: Any) -> str:
    with pytest.raises(Refused) as caught:
        convert(cell)
    return caught.value.code


@pytest.mark.parametrize("word", ["", " ", "-", "--", "NULL", "None", "nan", "N/A", "#N/A", "\\N"])
def test_spelled_out_nothing_is_nothing(word: str) -> None:
    assert is_nothing(word)


@pytest.mark.parametrize("word", ["0", "无", "没有", "n", "nano"])
def test_other_words_are_something(word: str) -> None:
    assert not is_nothing(word)


def test_text_is_stripped_and_otherwise_left_alone() -> None:
    assert text()("  味道有点大😀\n第二行 \u3000") == "味道有点大😀\n第二行"


def test_formula_looking_text_stays() -> None:
    assert text()("=SUM(A1:A9)") == "=SUM(A1:A9)"


def test_blank_text_is_none() -> None:
    assert text()(" \t\n") is None


def test_text_keeps_words_that_mean_nothing_elsewhere() -> None:
    assert text()("-") == "-"


def test_text_up_to_the_limit_is_kept() -> None:
    assert text()("好" * TEXT_LIMIT) == "好" * TEXT_LIMIT


def test_text_above_the_limit_is_refused_with_its_length() -> None:
    assert code_of(text(), "好" * 100_000) == "text_too_long:100000"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [(666, "666"), (666.0, "666"), (6.5, "6.5"), (True, "True"), (Decimal("1.50"), "1.50")],
)
def test_numbers_become_text(cell: Any, expected: str) -> None:
    assert text()(cell) == expected


def test_dates_and_bytes_become_text() -> None:
    assert text()(date(2026, 11, 11)) == "2026-11-11"
    assert text()("好评".encode()) == "好评"


def test_bytes_that_are_not_utf8_are_refused() -> None:
    assert code_of(text(), b"ab\xff") == "undecodable:2"


@pytest.mark.parametrize("cell", [{"a": 1}, ["a"], object()])
def test_other_things_are_not_text(cell: Any) -> None:
    assert code_of(text(), cell) == "not_text"


def test_characters_that_cannot_be_stored_are_refused() -> None:
    assert code_of(text(), "a\0b") == "nul"
    assert code_of(text(), "好\ud800") == "invalid_character:U+D800"
    assert code_of(identifier, "a\0b") == "nul"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("100013853362", "100013853362"),
        (" 0012\t", "0012"),
        ("'100013853362", "100013853362"),
        ('="0012"', "0012"),
        ("17850.0", "17850"),
        (17850.0, "17850"),
        (17850, "17850"),
        ("85123A", "85123A"),
        ("1E5", "1E5"),
        ("-", None),
        ("", None),
    ],
)
def test_ids_are_text(cell: Any, expected: str | None) -> None:
    assert identifier(cell) == expected


@pytest.mark.parametrize("cell", ["1.23E+17", "1E+17", "1.23457e+11", 1.2345678901234568e17, float(10**15)])
def test_ids_that_lost_digits_are_refused(cell: Any) -> None:
    assert code_of(identifier, cell) == "lost_digits"


def test_long_integer_ids_of_json_and_parquet_are_exact() -> None:
    assert identifier(123456789012345678) == "123456789012345678"


def test_an_endless_integer_is_refused() -> None:
    assert code_of(identifier, 10**5000) == "number_too_large"


def test_an_id_above_the_limit_is_refused() -> None:
    assert identifier("x" * ID_LIMIT) == "x" * ID_LIMIT
    assert code_of(identifier, "x" * (ID_LIMIT + 1)) == f"text_too_long:{ID_LIMIT + 1}"


@pytest.mark.parametrize("cell", ["是", "有", "1", "1.0", "true", "TRUE", "Yes", " y ", True, 1, 1.0])
def test_yes(cell: Any) -> None:
    assert yes_no(cell) is True


@pytest.mark.parametrize("cell", ["否", "无", "0", "0.0", "False", "no", "N", False, 0, 0.0])
def test_no(cell: Any) -> None:
    assert yes_no(cell) is False


def test_neither_yes_nor_no() -> None:
    assert yes_no("") is None
    assert code_of(yes_no, "满减") == "not_a_boolean"
    assert code_of(yes_no, 2) == "not_a_boolean"


def test_remembered_calls_once_per_text_and_every_time_for_the_rest() -> None:
    calls: list[Any] = []

    def convert(cell: Any) -> Any:
        calls.append(cell)
        return cell

    kept = remembered(convert)
    assert [kept("1"), kept("1"), kept(1), kept(True), kept([1])] == ["1", "1", 1, True, [1]]
    assert calls == ["1", 1, True, [1]]
