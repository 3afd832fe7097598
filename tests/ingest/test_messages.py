import string

import pytest

from ingest.messages import SENTENCES, place, sentence

LIBRARIES_WORDS = ("corrupt", "not_a_workbook")


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_both_languages_say_it_with_the_same_details(code: str) -> None:
    zh, en = SENTENCES[code]
    fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (zh, en)]
    assert fields[0] == fields[1] - ({"detail"} if code in LIBRARIES_WORDS else set())
    assert not zh.isascii()
    assert en.isascii() or code == "not_a_boolean"


def test_a_detail_travels_in_the_code() -> None:
    assert sentence("text_too_long:100000", "zh") == "文字过长（100000 个字符，超出上限）"
    assert "100000 characters" in sentence("text_too_long:100000", "en")


def test_a_detail_may_hold_a_colon_and_braces() -> None:
    assert "a: {b}" in sentence("malformed:a: {b}", "en")


def test_details_not_given_do_not_break_the_sentence() -> None:
    assert "?" in sentence("missing_columns", "en")


def test_an_unknown_code_is_still_a_sentence() -> None:
    assert sentence("from_the_future:9", "zh") == "该行无法读取（from_the_future）"
    assert sentence("from_the_future", "en") == "the row cannot be read (from_the_future)"


@pytest.mark.parametrize(
    ("line", "column", "zh", "en"),
    [
        (None, None, "", ""),
        (3, None, "第 3 行：", "line 3: "),
        (None, "评分", "「评分」列：", "column '评分': "),
        (3, "评分", "第 3 行，「评分」列：", "line 3, column '评分': "),
    ],
)
def test_place(line: int | None, column: str | None, zh: str, en: str) -> None:
    assert place(line, column, "zh") == zh
    assert place(line, column, "en") == en


def test_language_codes_with_a_region_are_understood() -> None:
    assert sentence("negative", "zh_Hans_CN") == "不能为负数"
