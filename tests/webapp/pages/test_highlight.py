from typing import Any

from webapp.pages.highlight import LONGEST, Part, parts

TEXT = "物流太慢，质量很好"


def span(
    start: int, end: int, category: str = "物流", polarity: str = "negative", **more: Any
) -> dict[str, Any]:
    return {"start": start, "end": end, "category": category, "polarity": polarity} | more


def test_a_text_is_cut_where_its_aspects_stand() -> None:
    found = parts(TEXT, [span(5, 9, "质量", "positive"), span(0, 4)])
    assert found == [
        Part("物流太慢", "negative", "物流"),
        Part("，"),
        Part("质量很好", "positive", "质量"),
    ]
    assert parts(TEXT, []) == [Part(TEXT)]
    assert parts("", []) == [Part("")]


def test_the_aspect_asked_for_is_marked_alone_where_it_is_there() -> None:
    both = [span(0, 4), span(5, 9, "质量", "positive")]
    assert [part.category for part in parts(TEXT, both, "质量")] == ["", "质量"]
    assert [part.category for part in parts(TEXT, both, "价格")] == ["物流", "", "质量"]


def test_of_overlapping_ones_the_first_is_marked() -> None:
    assert [part.text for part in parts(TEXT, [span(0, 4), span(2, 6)])] == ["物流太慢", "，质量很好"]


def test_places_that_do_not_fit_the_text_are_passed_over() -> None:
    odd = [
        span(0, 99),
        span(-1, 2),
        span(3, 3),
        {"category": "物流"},
        span(0, 2, aspect="客服", opinion="差"),
    ]
    assert parts(TEXT, odd) == [Part(TEXT)]
    assert parts(TEXT, [span(0, 4, aspect="物流", opinion="太慢")])[0] == Part("物流太慢", "negative", "物流")


def test_a_long_text_is_cut_off() -> None:
    found = parts("好" * 700, [span(590, 650)])
    assert "".join(part.text for part in found) == "好" * LONGEST + "…"
    assert found[-1].polarity == "negative"
