import numpy as np
import pytest

from nlp import lexicons
from nlp.categories import CONFIDENT, CategoryFinder, ShopCategories

FINDER = CategoryFinder()


@pytest.mark.parametrize(
    ("title", "description", "category"),
    [
        ("美的 1.5匹 变频 壁挂式空调挂机", "", "家用电器/空调"),
        ("空调罩 防尘", "", "家居/收纳日用"),
        ("波轮洗衣机 手机控制", "", "家用电器/洗衣机"),
        ("适用小米手机 手机壳", "", "手机数码/手机配件"),
        ("纯棉四件套 1.8m床", "", "家居/床上用品"),
        ("某品牌 女式", "平纹短袖衬衫", "服饰内衣/通用服装"),
        ("Apple iPhone 15", "", "手机数码/手机"),
        ("农家小米 五斤装", "", "食品饮料/粮油调味"),
        ("限时特价 买一送一", "", None),
        ("空调 冰箱 洗衣机 套餐", "", None),
        ("", "", None),
    ],
)
def test_words_name_a_category_or_none(title: str, description: str, category: str | None) -> None:
    guess = FINDER.guess(title, description)
    assert guess.name == category
    assert (guess.confidence >= CONFIDENT) == (category is not None)
    assert guess.source == "words"


def test_more_words_make_surer_and_rivals_less_sure() -> None:
    once, twice = FINDER.guess("保温杯"), FINDER.guess("保温杯 水杯")
    assert once.confidence < twice.confidence < 1
    assert FINDER.guess("保温杯 书包").confidence < once.confidence


def test_a_title_counts_more_than_its_description() -> None:
    assert FINDER.guess("双肩包", "可放笔记本电脑和水杯").name == "箱包/箱包"


def test_categories_of_the_list_are_unique_and_can_be_found() -> None:
    tree = lexicons.categories()["categories"]
    names = [branch["category"] for branch in tree]
    assert len(names) == len(set(names))
    words = [word for branch in tree for word in branch["words"]]
    assert sorted({word for word in words if words.count(word) > 1}) == []
    assert all(FINDER.guess(branch["words"][0]).name == branch["category"] for branch in tree)


def shop(*directions: tuple[float, float], names: str) -> ShopCategories:
    rows = np.array(directions, np.float32)
    return ShopCategories(rows / np.linalg.norm(rows, axis=1, keepdims=True), names.split(","))


def test_the_shops_own_categories_are_learned() -> None:
    known = shop((1, 0), (1, 0.1), (0, 1), (0.1, 1), (-1, -1), names="箱包,箱包,文具,文具,独苗")
    assert known.names == ["箱包", "文具"]
    sure = known.guess(np.array([1, 0.05], np.float32))
    assert (sure.name, sure.source) == ("箱包", "shop")
    assert sure.confidence > 0.9
    between = known.guess(np.array([0.7071, 0.7071], np.float32))
    assert between.confidence == pytest.approx(0.5, abs=0.01)


def test_a_shop_that_says_little_teaches_nothing() -> None:
    one = shop((1, 0), (1, 0), (0, 1), names="箱包,箱包,")
    assert one.guess(np.array([1, 0], np.float32)).name is None
    none = ShopCategories(np.zeros((0, 2), np.float32), [])
    assert none.guess(np.array([1, 0], np.float32)).name is None
    known = shop((1, 0), (1, 0), (0, 1), (0, 1), names="a,a,b,b")
    assert known.guess(np.zeros(2, np.float32)).name is None
