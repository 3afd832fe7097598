import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from nlp.aspect_evaluate import aspects_report, micro_f1, read_aspects
from nlp.aspects import Aspect, AspectFinder
from nlp.evaluate import LabelError

FILE = """text,aspect,opinion,category,polarity
物流很快，掉色,物流,很快,物流,positive
物流很快，掉色,_,掉色,功效,negative
屏幕不算大,屏幕,不算大,别的,neutral
"""


class Parrot(AspectFinder):
    """Says of every text what it was told to."""

    def __init__(self, said: dict[str, list[Aspect]], judged: list[float]) -> None:
        self.said, self.judged = said, judged
        self.asked: list[list[tuple[str, object]]] = []

    def find(self, text: str) -> list[Aspect]:
        return self.said.get(text, [])

    def find_all(self, texts: Sequence[str]) -> list[list[Aspect]]:
        return [self.said.get(text, []) for text in texts]

    def judge(self, texts: Sequence[str], anchors: Sequence[object]) -> list[list[float]]:
        self.asked.append(list(zip(texts, anchors, strict=True)))
        return [self.judged for _ in texts]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "labelled.csv"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_every_measure_of_a_known_answer(path: Path) -> None:
    said = [
        Aspect("物流", "物流", "很快", "positive", 0, 2),
        Aspect("质量", "", "掉色", "negative", 5, 7),
        Aspect("整体", "色", "掉", "negative", 6, 7),
    ]
    report = aspects_report(path, Parrot({"物流很快，掉色": said}, [0.1, 0.3, 0.6]))
    assert (report["rows"], report["reviews"]) == (3, 2)
    assert report["pair_f1"] == pytest.approx(2 * 2 / (3 + 3), abs=1e-4)
    assert report["pair_f1_named"] == pytest.approx(2 * 1 / (2 + 2), abs=1e-4)
    assert report["triplet_f1"] == pytest.approx(2 * 2 / (3 + 3), abs=1e-4)
    assert report["category_polarity_f1"] == pytest.approx(2 * 1 / (2 + 3), abs=1e-4)
    assert report["polarity_macro_f1"] == pytest.approx((0 + 0 + 0.5) / 3, abs=1e-4)
    assert report["given_all"]["macro_f1_without_neutral"] == pytest.approx((0 + 2 / 3) / 2, abs=1e-4)
    assert report["given_all"] == report["given_agreed"] | {"rows": 3}
    assert report["reviews_per_s"] > 0
    assert json.loads(json.dumps(report)) == report


def test_a_named_aspect_is_judged_by_itself_and_an_implied_one_by_its_opinion(path: Path) -> None:
    parrot = Parrot({}, [1.0, 0.0, 0.0])
    aspects_report(path, parrot)
    assert parrot.asked[0] == [
        ("物流很快，掉色", ((0, 2), None)),
        ("物流很快，掉色", (None, (5, 7))),
        ("屏幕不算大", ((0, 2), None)),
    ]
    assert parrot.asked[-1][0] == ("物流很快，掉色", ((0, 2), (2, 4)))


def test_an_aspect_that_the_file_disputes_is_judged_apart(tmp_path: Path) -> None:
    path = tmp_path / "disputed.csv"
    rows = ["虾鲜但小,虾,鲜,positive", "虾鲜但小,虾,小,negative", "汤好,汤,好,positive"]
    path.write_text("\n".join(["text,aspect,opinion,polarity", *rows]), encoding="utf-8")
    report = aspects_report(path, Parrot({}, [0.0, 0.0, 1.0]))
    assert (report["given_all"]["rows"], report["given_agreed"]["rows"]) == (3, 1)
    assert report["given_agreed"]["macro_f1"] == 1.0
    assert report["polarity_macro_f1"] == report["given_all"]["macro_f1"] == pytest.approx(0.4, abs=1e-4)


def test_what_a_file_does_not_mark_is_not_measured(tmp_path: Path) -> None:
    path = tmp_path / "electronics.csv"
    path.write_text("text,aspect,category,polarity\n屏幕大,屏幕,camera,正面\n", encoding="utf-8")
    report = aspects_report(path, AspectFinder())
    assert report["triplet_f1"] is None
    assert "given_with_opinion" not in report
    assert report["category_polarity_f1"] is None
    assert report["pair_f1"] == 1.0


def test_the_test_split_keeps_some_texts_and_always_the_same(tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    rows = [f"第{i}个屏幕很好,屏幕,positive" for i in range(200)]
    path.write_text("\n".join(["text,aspect,polarity", *rows]), encoding="utf-8")
    kept = aspects_report(path, AspectFinder(), test_split=True)["reviews"]
    assert 10 < kept < 60
    assert aspects_report(path, AspectFinder())["reviews"] == 200


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text,polarity\n好,positive\n", "no column aspect"),
        ("text,aspect,polarity\n好,_,great\n", r"rows \[1\] have labels"),
    ],
)
def test_refuses_a_file_that_is_not_labelled(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(LabelError, match=message):
        read_aspects(path)


def test_categories_are_those_of_the_tree(path: Path) -> None:
    assert read_aspects(path)["category"].tolist() == ["物流", "效果", ""]


def test_f1_of_nothing_is_zero() -> None:
    assert micro_f1([set()], [set()]) == 0.0
    assert micro_f1([{(1,)}], [{(1,)}]) == 1.0
