import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.aspect_rules import AspectRules

RULES = AspectRules()
Row = tuple[str, str, str, str]


def rows(text: str) -> list[Row]:
    return [(found.category, found.aspect, found.opinion, found.polarity) for found in RULES.find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("发货速度挺快", [("物流", "发货速度", "挺快", "positive")]),
        ("物流太慢了", [("物流", "物流", "太慢", "negative")]),
        ("包装破损", [("包装", "包装", "破损", "negative")]),
        ("价格不贵", [("价格", "价格", "不贵", "positive")]),
        ("性价比不高", [("价格", "性价比", "不高", "negative")]),
        ("价格高", [("价格", "价格", "高", "negative")]),
        ("质量和做工都很好", [("质量", "质量", "很好", "positive"), ("质量", "做工", "很好", "positive")]),
        ("很好的质量", [("质量", "质量", "很好", "positive")]),
        ("安装师傅的态度非常好", [("安装", "安装师傅的态度", "非常好", "positive")]),
        ("快递的速度很快", [("物流", "快递的速度", "很快", "positive")]),
        ("味道不是很好", [("口感", "味道", "不是很好", "negative")]),
        ("制冷效果：还可以", [("效果", "制冷效果", "可以", "positive")]),
        ("房间不干净", [("整体", "房间", "不干净", "negative")]),
        ("服务不要太好", [("服务", "服务", "不要太好", "positive")]),
        ("噪音不大", [("性能", "噪音", "不大", "positive")]),
        ("屏幕大", [("屏幕", "屏幕", "大", "positive")]),
        ("屏幕有点大", [("屏幕", "屏幕", "有点大", "negative")]),
        ("续航能力强，充电慢", [("续航", "续航能力", "强", "positive"), ("续航", "充电", "慢", "negative")]),
        ("材质中规中矩", [("材质", "材质", "中规中矩", "neutral")]),
        ("手机便宜", [("价格", "手机", "便宜", "positive")]),
        ("ＷＩＦＩ信号稳定", [("性能", "信号", "稳定", "positive")]),
    ],
)
def test_named_aspects(text: str, expected: list[Row]) -> None:
    assert rows(text) == expected


@pytest.mark.parametrize(
    ("text", "category", "polarity"),
    [
        ("掉色", "质量", "negative"),
        ("洗了不会掉色", "质量", "positive"),
        ("没有任何色差", "外观", "positive"),
        ("没有质量问题", "质量", "positive"),
        ("真的很好吃", "口感", "positive"),
        ("有点刺鼻", "气味", "negative"),
        ("用了过敏", "效果", "negative"),
        ("穿着很合身", "尺寸", "positive"),
        ("老是死机", "性能", "negative"),
        ("不给退货", "售后", "negative"),
        ("爱理不理", "服务", "negative"),
        ("买贵了", "价格", "negative"),
    ],
)
def test_implied_aspects(text: str, category: str, polarity: str) -> None:
    (found,) = RULES.find(text)
    assert (found.category, found.aspect, found.polarity) == (category, "", polarity)
    assert text[found.start : found.end] == found.opinion


@pytest.mark.parametrize(
    "text",
    [
        "",
        "。。。",
        "质量好吗？",
        "希望物流快一点",
        "如果质量好就回来",
        "最好的朋友送的",
        "今天买的",
        "goods 没收到",
        "novelty",
    ],
)
def test_nothing_is_said(text: str) -> None:
    assert rows(text) == []


def test_an_opinion_after_a_pause_belongs_to_the_waiting_aspect() -> None:
    assert rows("物流，很快") == [("物流", "物流", "很快", "positive")]
    assert rows("物流很快，很好") == [("物流", "物流", "很快", "positive")]


def test_one_opinion_does_not_reach_across_a_long_clause() -> None:
    assert rows("质量很差我后来又去别的地方转了一大圈心情舒服") == [("质量", "质量", "很差", "negative")]


@pytest.mark.parametrize(
    "text", ["<b>质量</b>很好", "&nbsp;质量很好", "质\u3000量，质量很好", "\ud800质量很好", "ＡＢ质量很好"]
)
def test_spans_point_into_the_original(text: str) -> None:
    found = RULES.find(text)[-1]
    assert text[found.start : found.end] == found.aspect == "质量"


def test_own_tree() -> None:
    tree = {
        "tree": [
            {
                "category": "墨水",
                "aspects": ["墨"],
                "positive": ["黑"],
                "negative": [],
                "implies": {"positive": [], "negative": ["洇纸"]},
            }
        ],
        "opinions": {"positive": [], "negative": [], "neutral": []},
        "heads": [],
        "sizes": [],
        "ignored": [],
    }
    found = AspectRules(tree).find("墨很黑，有点洇纸，质量好")
    assert [(one.category, one.polarity) for one in found] == [("墨水", "positive"), ("墨水", "negative")]


PIECES = [
    "质量",
    "物流",
    "很",
    "不",
    "好",
    "差",
    "大",
    "有点",
    "掉色",
    "，",
    "的",
    "和",
    "？",
    " ",
    "<b>",
    "Ａ",
    "没有",
    "\ud800",
]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text(max_size=100))
def test_spans_are_valid_for_any_text(text: str) -> None:
    found = RULES.find(text)
    for one in found:
        assert text[one.start : one.end] == (one.aspect or one.opinion) != ""
    assert found == sorted(found, key=lambda one: one.start)
    assert len(found) == len(set(found))


@given(st.sampled_from(["质量", "物流", "服务"]), st.sampled_from(["好", "差", "不错", "糟糕"]))
def test_a_negation_turns_and_two_turn_back(aspect: str, opinion: str) -> None:
    ((*_, plain),) = rows(f"{aspect}{opinion}")
    ((*_, turned),) = rows(f"{aspect}不是很{opinion}")
    assert {plain, turned} == {"positive", "negative"}


@pytest.mark.parametrize("piece", ["质量很好", "质量", "质量、", "很", "好", "很好的", "不", "质量很好，"])
def test_time_is_linear(piece: str) -> None:
    start = time.process_time()
    RULES.find((piece * 100_000)[:100_000] + "好")
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("words", "implied", "category"),
    [
        ("发货速度", "快", "物流"),
        ("安装师傅的态度", "", "服务"),
        ("", "掉色", "质量"),
        ("性价比", "", "价格"),
        ("华夫", "味道一般", None),
        ("", "", None),
    ],
)
def test_the_tree_names_the_category_of_words(words: str, implied: str, category: str | None) -> None:
    assert RULES.category(words, implied) == category


def test_categories_are_told_once_in_the_order_of_the_tree() -> None:
    assert RULES.categories[:3] == ["物流", "包装", "质量"]
    assert len(RULES.categories) == len(set(RULES.categories))
    assert not any("/" in name for name in RULES.categories)
