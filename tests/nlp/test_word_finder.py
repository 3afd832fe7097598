from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.normalise import fold
from nlp.word_finder import WordFinder, stands_alone

FINDER = WordFinder({"空调": 1, "空调扇": 2, "扇子": 3, "PU": 4, "Redmi Note": 5})


def found(text: str) -> list[tuple[str, int]]:
    return [(text[word.start : word.end], word.meaning) for word in FINDER.find(fold(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("空调和空调扇", [("空调", 1), ("空调扇", 2)]),
        ("空调扇子", [("空调扇", 2)]),
        ("pu皮，PUMA，ＰＵ", [("pu", 4), ("ＰＵ", 4)]),
        ("Redmi Note12", []),
        ("redmi note 12", [("redmi note", 5)]),
        ("", []),
    ],
)
def test_the_longest_word_at_each_place(text: str, expected: list[tuple[str, int]]) -> None:
    assert found(text) == expected


def test_nothing_to_find() -> None:
    assert list(WordFinder({"": 1}).find("空调")) == []


def test_latin_words_are_whole() -> None:
    assert stands_alone("空调pc", 2, 4)
    assert not stands_alone("pc4", 0, 2)
    assert not stands_alone("xpc", 1, 3)


@given(st.text(alphabet="空调扇子pu P5", max_size=40))
def test_words_are_those_of_the_list_and_do_not_overlap(text: str) -> None:
    words = list(FINDER.find(fold(text)))
    assert all(before.end <= after.start for before, after in pairwise(words))
    assert {fold(text)[word.start : word.end] for word in words} <= {"空调", "空调扇", "扇子", "pu"}
