from nlp.aspect_changes import AspectChanges
from nlp.aspect_impact import AROUND, AspectImpact, Example, aspect_impact
from nlp.aspects import AspectFinder
from tests.nlp.test_aspects import Reader

BEFORE = AspectFinder()
TEXTS = ["快递很快", "快递很慢", "拢烟罩很好", "颜色好看"]


def changed(**changes: dict[str, tuple[str, ...]]) -> AspectFinder:
    return BEFORE.with_changes(AspectChanges(**changes))  # type: ignore[arg-type]


def test_the_impact_counts_reviews_and_shows_them() -> None:
    after = changed(words={"同城": ("快递",), "烟机": ("拢烟罩",)})
    impact = aspect_impact(TEXTS, BEFORE, after, examples=1)
    assert (impact.texts, impact.changed) == (4, 3)
    assert (list(impact.gains.items()), impact.losses["物流"]) == ([("同城", 2), ("烟机", 1)], 2)
    shown = {(one.category, one.gained): one.before + one.said + one.after for one in impact.examples}
    assert shown[("同城", True)] == shown[("物流", False)] == "快递很快"
    assert shown[("烟机", True)] == "拢烟罩很好"


def test_no_text_and_no_change_have_no_impact() -> None:
    assert aspect_impact([], BEFORE, changed(words={"同城": ("快递",)})) == AspectImpact(0, 0, {}, {}, [])
    assert aspect_impact(TEXTS, BEFORE, BEFORE) == AspectImpact(4, 0, {}, {}, [])


def test_a_text_counts_once_however_often_it_names_a_category() -> None:
    impact = aspect_impact(["快递很快，快递员很好，快递盒也好"], BEFORE, changed(names={"物流": "配送"}))
    assert (impact.changed, impact.gains, impact.losses) == (1, {"配送": 1}, {"物流": 1})
    assert len([one for one in impact.examples if one.gained]) > 1


def test_a_category_stays_with_a_text_that_names_it_otherwise_too() -> None:
    impact = aspect_impact(["快递很快，发货很慢"], BEFORE, changed(words={"同城": ("快递",)}))
    assert (impact.changed, impact.gains, impact.losses) == (1, {"同城": 1}, {})
    assert [one.category for one in impact.examples] == ["同城"]


def test_examples_are_few_for_each_category_that_comes_or_goes() -> None:
    after = changed(words={"同城": ("快递",)})
    for most in (0, 2):
        impact = aspect_impact(["快递很快"] * 5, BEFORE, after, examples=most)
        assert [one.category for one in impact.examples] == ["同城"] * most + ["物流"] * most
        assert impact.gains == {"同城": 5}


def test_an_example_shows_a_little_of_what_stands_around() -> None:
    text = "啊" * 60 + "，快递很快，" + "哦" * 60
    [example] = [
        one
        for one in aspect_impact([text], BEFORE, changed(words={"同城": ("快递",)})).examples
        if one.gained
    ]
    at = text.index("快递")
    assert example == Example(text[at - AROUND : at], "快递", text[at + 2 : at + 2 + AROUND], "同城", True)


def test_categories_of_equal_weight_come_by_name() -> None:
    after = changed(words={"乙": ("快递",), "甲": ("拢烟罩",), "丙": ("颜色",)})
    gains = aspect_impact([*TEXTS, "颜色不错"], BEFORE, after).gains
    assert list(gains.items()) == [("丙", 2), ("乙", 2), ("甲", 1)]


def test_a_learned_reader_reads_once() -> None:
    reader = Reader([])
    before = AspectFinder(model=reader)  # type: ignore[arg-type]
    after = before.with_changes(AspectChanges(words={"烟机": ("拢烟罩",)}))
    assert aspect_impact(TEXTS, before, after).gains == {"烟机": 1}
    assert reader.asked == [TEXTS]
