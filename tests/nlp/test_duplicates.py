import random
import time

import pytest

from nlp.duplicates import FEWEST, Copies, copies, letters_of

TEMPLATE = "宝贝收到了，质量非常好，和卖家描述的完全一致，物流也很快，下次还会光顾这家店铺，强烈推荐给大家"
OTHER = "电池不耐用，屏幕也偏黄，客服一直推脱责任，非常失望"


def test_equal_letters_are_duplicates_whatever_stands_between() -> None:
    found = copies([TEMPLATE, OTHER, TEMPLATE + "！！！123", TEMPLATE.replace("，", " ")])
    assert found[0] == Copies("duplicate", [0, 2, 3])


def test_small_changes_are_templates() -> None:
    edited = TEMPLATE.replace("非常好", "真不错").replace("大家", "朋友们")
    assert copies([TEMPLATE, TEMPLATE + "呀呀", edited, OTHER]) == [Copies("template", [0, 1, 2])]


def test_a_group_of_two_where_two_suffice() -> None:
    assert copies([TEMPLATE, OTHER, TEMPLATE]) == []
    assert Copies("duplicate", [0, 2]) in copies([TEMPLATE, OTHER, TEMPLATE], fewest=2)


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["质量很好"] * 10,
        [TEMPLATE] * (FEWEST - 1),
        ["12345678901234567890"] * 5,
        ["质量很好物流也快服务好", "质量很好物流很快服务好", "质量好物流也快服务很好"],
        [TEMPLATE, OTHER, "安装师傅很专业，讲解得清楚，收费合理又透明"],
    ],
)
def test_no_copies(texts: list[str]) -> None:
    assert copies(texts) == []


def test_order_does_not_change_what_is_found() -> None:
    source = random.Random(1)
    texts = [TEMPLATE[: source.randrange(20, 45)] + "啊呀哦啦"[source.randrange(4)] for _ in range(60)] + [
        OTHER
    ] * 4
    shuffled = random.Random(2).sample(texts, len(texts))

    def groups(some: list[str]) -> list[tuple[str, list[str]]]:
        return sorted((group.kind, sorted(some[place] for place in group.places)) for group in copies(some))

    assert groups(texts) == groups(shuffled)
    assert len(groups(texts)) > 2


def test_many_texts_and_large_groups_in_linear_time() -> None:
    source = random.Random(0)
    letters = "质量物流服务很好不差快慢大小包装颜色漂亮舒服"
    texts = ["".join(source.choices(letters, k=60)) for _ in range(2000)]
    variants = ["".join(source.sample(letters, 3)).join((TEMPLATE[:20], TEMPLATE[20:])) for _ in range(2000)]
    start = time.process_time()
    found = {place for group in copies(texts + variants) for place in group.places}
    assert time.process_time() - start < 10
    assert len(found & set(range(2000, 4000))) > 1900
    assert not found & set(range(2000))


def test_long_texts_are_bounded() -> None:
    start = time.process_time()
    copies(["质量" * 50_000, "".join(chr(0x4E00 + place % 20_000) for place in range(100_000))] * 3)
    assert time.process_time() - start < 2


def test_letters_are_what_counts() -> None:
    assert letters_of("Ｇood 12，好\ud800👍_") == "ｇood好"
