import random
import time

import pytest

from nlp.duplicates import FEWEST, copies

TEMPLATE = "宝贝收到了，质量非常好，和卖家描述的完全一致，物流也很快，下次还会光顾这家店铺，强烈推荐给大家"


def test_equal_letters_are_duplicates_whatever_stands_between() -> None:
    assert copies([TEMPLATE, TEMPLATE + "！！！123", TEMPLATE.replace("，", " ")]) == dict.fromkeys(
        range(3), "duplicate"
    )


def test_small_changes_are_templates() -> None:
    texts = [
        TEMPLATE,
        TEMPLATE + "呀呀",
        "嗯" + TEMPLATE,
        "电池不耐用，屏幕也偏黄，客服一直推脱责任，非常失望",
    ]
    assert copies(texts) == dict.fromkeys(range(3), "template")


def test_duplicates_within_a_template_are_called_so() -> None:
    assert copies([TEMPLATE] * FEWEST + [TEMPLATE + "呀呀"]) == {
        0: "duplicate",
        1: "duplicate",
        2: "duplicate",
        3: "template",
    }


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["质量很好"] * 10,
        [TEMPLATE] * (FEWEST - 1),
        ["12345678901234567890"] * 5,
        [TEMPLATE, "电池不耐用，屏幕也偏黄，客服一直推脱责任", "安装师傅很专业，讲解得清楚，收费合理又透明"],
    ],
)
def test_no_copies(texts: list[str]) -> None:
    assert copies(texts) == {}


def test_order_does_not_change_what_is_found() -> None:
    texts = [TEMPLATE, TEMPLATE + "呀", TEMPLATE + "呀呀呀", "别的话" * 5]
    assert sorted(copies(texts).values()) == sorted(copies(texts[::-1]).values())


def test_many_texts_in_linear_time() -> None:
    source = random.Random(0)
    letters = "质量物流服务很好不差快慢大小包装颜色漂亮舒服"
    texts = ["".join(source.choices(letters, k=60)) for _ in range(2000)]
    places = range(0, 2000, 200)
    for place in places:
        texts[place] = TEMPLATE + letters[place // 200]
    start = time.process_time()
    assert copies(texts) == dict.fromkeys(places, "template")
    assert time.process_time() - start < 10


def test_long_texts_are_bounded() -> None:
    start = time.process_time()
    copies(["质量" * 50_000, "".join(chr(0x4E00 + place % 20_000) for place in range(100_000))] * 3)
    assert time.process_time() - start < 2
