import pytest

from nlp.dictionary import Dictionary
from nlp.impact import Example, impact
from nlp.segment import Segmenter

TEXTS = ["快递员很热情", "物流快", "等快递员等了两天，快递员才来", "面料不错", ""]


@pytest.fixture(scope="module")
def after() -> Segmenter:
    return Segmenter(dictionary=Dictionary({"快递员": None}, frozenset({"面料"})))


def test_counts_examples_and_keywords(segmenter: Segmenter, after: Segmenter) -> None:
    told = impact(TEXTS, segmenter, after)
    assert (told.texts, told.changed) == (5, 3)
    assert told.examples == [
        Example(["快递", "员", "很", "热情"], ["快递员", "很", "热情"]),
        Example(["面料", "不错"], ["面", "料", "不错"]),
    ]
    assert told.appearing == {"快递员": 2}
    assert told.vanishing == {"快递": 2, "面料": 1}


def test_a_change_that_changes_nothing(segmenter: Segmenter) -> None:
    told = impact(TEXTS, segmenter, Segmenter(dictionary=Dictionary({"从未有过": None})))
    assert (told.texts, told.changed, told.examples, told.appearing, told.vanishing) == (5, 0, [], {}, {})
    assert impact([], segmenter, segmenter).texts == 0


def test_texts_are_read_as_the_analyser_reads_them(segmenter: Segmenter, after: Segmenter) -> None:
    assert impact(["快遞員"], segmenter, after).appearing == {"快递员": 1}


def test_as_many_as_asked(segmenter: Segmenter, after: Segmenter) -> None:
    told = impact(TEXTS, segmenter, after, examples=1, top=1)
    assert len(told.examples) == len(told.appearing) == len(told.vanishing) == 1
    assert told.vanishing == {"快递": 2}
    assert told.changed == 3


def test_an_example_is_short_in_a_long_text(segmenter: Segmenter, after: Segmenter) -> None:
    [example] = impact(["质量好，" * 5000 + "快递员" + "，很舒服" * 5000], segmenter, after).examples
    assert example.before == ["好", "质量", "好", "快递", "员", "很", "舒服", "很"]
    assert len(example.after) < 10


def test_signs_that_are_no_word_do_not_mislead(segmenter: Segmenter) -> None:
    own = Segmenter(dictionary=Dictionary({"&-好": None}))
    [example] = impact(["面料&-好看"], segmenter, own).examples
    assert example.after[-1] in ("看", "&-好")
