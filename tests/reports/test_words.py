import re

import pytest

from reports.words import WORDS, model_name, word

PLACES = re.compile(r"\{\w+\}")


def test_words_are_there_in_both_languages_with_the_same_places() -> None:
    assert [code for code, (zh, en) in WORDS.items() if not zh or not en] == []
    places = {code: [set(PLACES.findall(said)) for said in pair] for code, pair in WORDS.items()}
    assert [code for code, (zh, en) in places.items() if zh != en] == []


def test_english_has_no_chinese() -> None:
    assert [code for code, (_, en) in WORDS.items() if re.search("[\u4e00-\u9fff]", en)] == []


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("units", "销量", "Units sold"),
        ("visits", "visits", "visits"),
        ("{visits}", "{visits}", "{visits}"),
        ("", "", ""),
    ],
)
def test_a_code_is_said_or_is_its_own_name(code: str, zh: str, en: str) -> None:
    assert (word(code, "zh"), word(code, "en")) == (zh, en)


def test_values_go_into_their_places() -> None:
    assert word("coverage", "zh", level=80) == "80% 区间的实际覆盖率"
    with pytest.raises(KeyError, match="level"):
        word("coverage", "zh")


@pytest.mark.parametrize(
    ("alias", "zh", "en"),
    [
        ("Trees", "提升树", "Boosted trees"),
        ("Trees+sentiment", "提升树 + 情感", "Boosted trees with sentiment"),
        ("ARIMA", "ARIMA", "ARIMA"),
        ("ARIMA+sentiment", "ARIMA + 情感", "ARIMA with sentiment"),
    ],
)
def test_models_are_named(alias: str, zh: str, en: str) -> None:
    assert (model_name(alias, "zh"), model_name(alias, "en")) == (zh, en)
