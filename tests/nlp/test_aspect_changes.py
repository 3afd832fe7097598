import pytest

from nlp import Analyzer
from nlp.aspect_changes import AspectChanges, BadAspects
from nlp.aspects import AspectFinder


def found(text: str, changes: AspectChanges) -> list[tuple[str, str, str]]:
    aspects = AspectFinder(changes=changes).find(text)
    return [(one.category, one.aspect, one.polarity) for one in aspects]


def test_a_category_of_ones_own_is_found_by_its_words() -> None:
    text = "油烟太大，声音小"
    own = AspectChanges(words={"烟机": ("油烟", "拢烟罩")})
    assert "烟机" not in {category for category, _, _ in found(text, AspectChanges())}
    assert ("烟机", "油烟") in {(category, aspect) for category, aspect, _ in found(text, own)}
    assert ("烟机", "油烟", "negative") in found(text, own)
    assert ("烟机", "拢烟罩", "positive") in found("拢烟罩很好", own)


def test_a_word_moves_to_the_category_it_is_given() -> None:
    assert found("快递很快", AspectChanges()) == [("物流", "快递", "positive")]
    assert found("快递很快", AspectChanges(words={"同城": ("快递",)})) == [("同城", "快递", "positive")]
    # The longest word counts: 快递 is a part of 快递员.
    told = AspectChanges(words={"同城": ("快递",), "骑手": ("快递员",)})
    assert found("快递员很好", told)[0][0] == "骑手"


def test_names_change_and_categories_are_left_out() -> None:
    text = "物流很快，包装很差"
    assert found(text, AspectChanges(names={"物流": "配送"}))[0][0] == "配送"
    assert [category for category, _, _ in found(text, AspectChanges(off=frozenset({"物流"})))] == ["包装"]


def test_the_version_tells_changes_apart_and_not_their_order() -> None:
    one = AspectChanges(words={"烟机": ("油烟",), "同城": ("闪送",)})
    other = AspectChanges(words={"同城": ("闪送",), "烟机": ("油烟", "油烟")})
    assert one.version == other.version
    assert len({one.version, AspectChanges().version, AspectChanges(off=frozenset({"物流"})).version}) == 3
    assert AspectFinder().with_changes(AspectChanges()).versions == AspectFinder().versions == []
    assert AspectFinder(changes=one).versions == [f"aspects-{one.version}"]


@pytest.mark.parametrize(
    "given",
    [
        {"words": {"烟机": ("烟",)}},
        {"words": {"烟机": ("两 个",)}},
        {"words": {"": ("油烟",)}},
        {"words": {"烟/机": ("油烟",)}},
        {"names": {"物流": "长" * 21}},
    ],
)
def test_what_no_tree_can_hold_is_named(given: dict[str, dict[str, tuple[str, ...]]]) -> None:
    with pytest.raises(BadAspects, match="not for an aspect tree"):
        AspectChanges(**given)  # type: ignore[arg-type]


def test_the_analyser_with_aspects_keeps_words_and_has_a_version_of_its_own() -> None:
    class Silent:
        version, threshold = "silent", 0.5

    analyzer = Analyzer(Silent())  # type: ignore[arg-type]
    own = AspectChanges(words={"烟机": ("拢烟罩",)})
    changed = analyzer.with_aspects(own)
    assert changed.segmenter is analyzer.segmenter
    assert changed.version != analyzer.version
    assert analyzer.with_aspects(AspectChanges()).version == analyzer.version
    [read] = changed(["拢烟罩很好"], only=["aspects"])
    assert [aspect["category"] for aspect in read["aspects"]] == ["烟机"]
