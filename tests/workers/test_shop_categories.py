from typing import Any

import numpy as np

from storage.products import ProductText
from workers.shop_categories import guess_by_shop

BAG, PEN = [1.0, 0.0], [0.0, 1.0]


def product(category: str = "") -> ProductText:
    return ProductText(1, "标题", "", category)


def analysis(embedding: list[float]) -> dict[str, Any]:
    return {"category": {"name": "by words", "confidence": 0.5, "source": "words"}, "embedding": embedding}


def guessed(read: list[ProductText], placed: list[list[float]], known: dict[str, list[float]]) -> list[str]:
    analyses = [analysis(row) for row in placed]
    names = [name for name in known for _ in range(2)]
    rows = np.array([known[name] for name in names], np.float32) if known else np.zeros((0, 0), np.float32)
    guess_by_shop(read, analyses, names, rows)
    return [found["category"]["name"] for found in analyses]


def test_products_without_a_category_are_like_those_known() -> None:
    known = {"箱包": BAG, "文具": PEN}
    assert guessed([product(), product()], [BAG, PEN], known) == ["箱包", "文具"]


def test_the_shops_word_and_doubt_are_left_alone() -> None:
    known = {"箱包": BAG, "文具": PEN}
    assert guessed([product("童包"), product()], [BAG, [0.0, 0.0]], known) == ["by words"] * 2


def test_those_read_just_now_teach() -> None:
    read = [product(name) for name in ("箱包", "箱包", "文具", "文具", "")]
    assert guessed(read, [BAG, BAG, PEN, PEN, BAG], {})[-1] == "箱包"


def test_nothing_to_learn_from() -> None:
    assert guessed([product()], [BAG], {}) == ["by words"]
    guess_by_shop([], [], [], np.zeros((0, 0), np.float32))
