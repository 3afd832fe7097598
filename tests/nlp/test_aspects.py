from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from nlp.aspect_model import Judgement
from nlp.aspects import Aspect, AspectFinder

POSITIVE = (0.1, 0.1, 0.8)


@dataclass
class Reader:
    """Stands for the learned model: says of every text what it was told to."""

    judgements: list[Judgement]
    version: str = "aspects-1"
    config: Any = field(
        default_factory=lambda: SimpleNamespace(
            categories=["物流", "质量", "屏幕", "整体"], left_to_rules=["屏幕"]
        )
    )
    asked: list[list[str]] = field(default_factory=list)

    def read(self, texts: Sequence[str]) -> list[list[Judgement]]:
        self.asked.append(list(texts))
        return [self.judgements for _ in texts]

    def judge(self, texts: Sequence[str], anchors: Sequence[Any]) -> Any:
        return np.array([[0.0, 0.0, 1.0] for _ in texts])


def finder(*judgements: Judgement) -> AspectFinder:
    return AspectFinder(model=Reader(list(judgements)))  # type: ignore[arg-type]


def test_what_the_model_read_is_told_with_its_place() -> None:
    text = "这家的快递小哥挺快，就是掉色"
    read = [
        Judgement((3, 7), (7, 9), POSITIVE, "物流", 0.9),
        Judgement(None, (12, 14), (0.9, 0.0, 0.1), "质量", 0.9),
    ]
    assert finder(*read).find(text) == [
        Aspect("物流", "快递小哥", "挺快", "positive", 3, 7),
        Aspect("质量", "", "掉色", "negative", 12, 14),
    ]


def test_an_aspect_without_an_opinion_is_told_alone() -> None:
    (found,) = finder(Judgement((0, 2), None, POSITIVE, "物流", 0.9)).find("物流")
    assert found == Aspect("物流", "物流", "", "positive", 0, 2)


def test_rules_speak_of_a_text_that_tells_the_model_nothing() -> None:
    (found,) = finder().find("质量好")
    assert (found.category, found.aspect) == ("质量", "质量")


def test_beside_the_model_rules_speak_of_what_it_did_not_learn() -> None:
    read = Judgement((0, 2), (2, 3), POSITIVE, "物流", 0.9)
    found = finder(read).find("物流快，续航短，屏幕暗，质量好")
    assert [one.aspect for one in found] == ["物流", "续航", "屏幕"]


def test_rules_come_first_where_they_name_what_the_model_did_not_learn() -> None:
    reads = Judgement((0, 3), (3, 5), POSITIVE, "物流", 0.9)
    (found,) = finder(reads).find("屏幕的很暗")
    assert (found.category, found.aspect, found.polarity) == ("屏幕", "屏幕", "negative")


def test_elsewhere_rules_are_silent_where_the_model_read_something() -> None:
    (found,) = finder(Judgement((0, 3), (3, 5), POSITIVE, "物流", 0.9)).find("物流的很快")
    assert found.aspect == "物流的"


def test_a_fault_that_the_model_passed_over_is_told() -> None:
    reads = Judgement((7, 9), (9, 10), POSITIVE, "物流", 0.9)
    found = finder(reads).find("衣服掉色严重，物流快，质量差")
    assert [(one.category, one.aspect, one.opinion) for one in found] == [
        ("质量", "衣服", "掉色"),
        ("物流", "物流", "快"),
    ]


def test_a_fault_is_told_once() -> None:
    (found,) = finder(Judgement(None, (2, 4), POSITIVE, "质量", 0.9)).find("衣服掉色")
    assert (found.aspect, found.opinion) == ("", "掉色")


@pytest.mark.parametrize(
    ("text", "certainty", "category"),
    [
        ("快递好", 0.9, "质量"),  # the model is sure
        ("快递好", 0.4, "物流"),  # it is not, the tree knows the word
        ("物流好", 0.9, "物流"),  # the category's own word
        ("掉色多", 0.9, "质量"),  # a word for a fault stands as the aspect
        ("续航好", 0.9, "续航"),  # the model never learned 续航
        ("某物好", 0.4, "屏幕"),  # nobody else knows
    ],
)
def test_the_category_is_the_models_unless_the_tree_knows_better(
    text: str, certainty: float, category: str
) -> None:
    learned = "屏幕" if text[0] in "掉某" else "质量"
    read = Judgement((0, 2), (2, 3), POSITIVE, learned, certainty)
    assert next(one for one in finder(read).find(text) if one.start == 0).category == category


def test_spaces_at_the_ends_are_no_part_of_a_span() -> None:
    text = "a  物流 快"
    (found,) = finder(Judgement((1, 6), (6, 7), POSITIVE, "物流", 0.9)).find(text)
    assert (found.aspect, text[found.start : found.end]) == ("物流", "物流")


def test_many_texts_are_read_at_once() -> None:
    reader = Reader([])
    found = AspectFinder(model=reader).find_all(["质量好", "", "物流慢"])  # type: ignore[arg-type]
    assert [len(one) for one in found] == [1, 0, 1]
    assert reader.asked == [["质量好", "", "物流慢"]]


def test_the_model_has_a_version_and_rules_have_none_of_their_own() -> None:
    assert finder().versions == ["aspects-1"]
    assert AspectFinder().versions == []


def test_given_aspects_are_judged_by_the_model_or_by_rule() -> None:
    texts, anchors = ["质量差", "质量差"], [((0, 2), None), (None, (0, 1))]
    assert finder().judge(texts, anchors) == [[0.0, 0.0, 1.0]] * 2
    assert AspectFinder().judge(texts, anchors) == [[1.0, 0.0, 0.0]] * 2
    assert AspectFinder().judge(["某物"], [((0, 2), None)]) == [[0.0, 0.0, 1.0]]
