import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.dictionary import HEAVIEST, LONGEST_WORD, BadWords, Dictionary

WORDS = st.text("冰丝凉感質www.aA1+#&%_-", min_size=2, max_size=LONGEST_WORD)


def test_an_empty_dictionary_has_no_version() -> None:
    assert Dictionary().version == ""


def test_the_version_is_that_of_the_content() -> None:
    one = Dictionary({"冰丝凉感": None, "快递员": 3}, frozenset({"不错"}))
    assert one.version == Dictionary({"快递员": 3, "冰丝凉感": None}, frozenset({"不错"})).version
    others = [
        Dictionary({"冰丝凉感": None, "快递员": 4}, frozenset({"不错"})),
        Dictionary({"冰丝凉感": None}, frozenset({"不错"})),
        Dictionary({"冰丝凉感": None, "快递员": 3}),
        Dictionary({}, frozenset({"冰丝凉感"})),
        Dictionary({"冰丝凉感": None}),
    ]
    assert len({one.version, *(other.version for other in others)}) == 6


def test_words_are_written_as_texts_are() -> None:
    made = Dictionary({"ＡＢＣ記憶棉": None})
    assert dict(made.words) == {"ABC记忆棉": None}
    assert made.version == Dictionary({"ABC记忆棉": None}).version


@pytest.mark.parametrize(
    ("words", "splits", "named"),
    [
        ({"好": None}, (), "'好'"),
        ({"冰丝，凉感": None}, (), "'冰丝，凉感'"),
        ({"冰丝 凉感": None}, (), "'冰丝 凉感'"),
        ({"": None}, (), "''"),
        ({"好坏" * (LONGEST_WORD // 2) + "多": None}, (), "坏多"),
        ({"\ud800x": None}, (), r"\ud800"),
        ({"冰丝": 0}, (), "'冰丝' (weight 0)"),
        ({"冰丝": HEAVIEST + 1}, (), f"weight {HEAVIEST + 1}"),
        ({}, ("好",), "'好'"),
    ],
)
def test_what_is_no_word_is_named(words: dict[str, int | None], splits: tuple[str, ...], named: str) -> None:
    with pytest.raises(BadWords) as refused:
        Dictionary({"冰丝凉感": None, **words}, frozenset(splits))
    assert named in str(refused.value)
    assert "冰丝凉感" not in str(refused.value)


@given(st.dictionaries(WORDS, st.none() | st.integers(1, HEAVIEST)), st.frozensets(WORDS))
def test_words_of_these_characters_are_always_taken(
    words: dict[str, int | None], splits: frozenset[str]
) -> None:
    made = Dictionary(words, splits)
    assert not set(made.words) & made.splits
    assert bool(made.version) is bool(words or splits)
    assert Dictionary(made.words, made.splits).version == made.version


def test_a_change_adds_and_takes_away() -> None:
    old = Dictionary({"冰丝凉感": 7, "快递员": None}, frozenset({"不错", "好用"}))
    new = old.changed({"不错": 9}, ["快递员"], ["好用", "从未有过"])
    assert (dict(new.words), new.splits) == ({"冰丝凉感": 7, "不错": 9}, {"快递员"})
    assert (len(old.words), len(old.splits)) == (2, 2)
    assert new.changed(removed=["冰丝凉感", "不错", "快递员"]).version == ""


def test_nobody_changes_a_dictionary_afterwards() -> None:
    given: dict[str, int | None] = {"冰丝凉感": 7}
    made = Dictionary(given)
    given["快递员"] = 1
    assert dict(made.words) == {"冰丝凉感": 7}
    with pytest.raises(TypeError):
        made.words["快递员"] = 1  # type: ignore[index]
