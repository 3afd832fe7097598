from datetime import datetime, timedelta

import pytest

from nlp.accounts import Posted, account_signs, is_account

START = datetime(2026, 3, 1, 12)
WORDS = "音质清楚戴着舒服屏幕偏暗包装压坏气味刺鼻安装费劲做工精细颜色好看尺码合适物流飞快客服耐心电池耐用"


def posted(product: object, hours: float | None, text: str = "", account: str = "u1") -> Posted:
    at = None if hours is None else START + timedelta(hours=hours)
    return Posted(text or WORDS[int(hours or 0) % 10 * 3 :][:12], product, account, at)


def signs(*reviews: Posted) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for sign, places, proof in account_signs(reviews):
        assert proof in places
        found.setdefault(sign, set()).update(places)
    return found


@pytest.mark.parametrize("name", ["", " ", "j***n", "匿名用户", "Anonymous", "0"])
def test_names_that_stand_for_nobody(name: str) -> None:
    assert not is_account(name)
    assert signs(*(posted("A", hour, account=name) for hour in range(5))) == {}


def test_three_reviews_of_one_product_in_three_days() -> None:
    others = [posted("B", 1), posted("A", 150)]
    found = signs(posted("A", 0), posted("A", 30), posted("A", 72), *others)
    assert found == {"busy_account": {0, 1, 2}}
    assert signs(posted("A", 0), posted("A", 30), posted("A", 73)) == {}


def test_ten_reviews_of_anything_in_a_day() -> None:
    assert signs(*(posted(product, product) for product in range(10))) == {"busy_account": set(range(10))}
    assert signs(*(posted(product, product) for product in range(9))) == {}
    assert signs(*(posted(product, None, WORDS[product:][:12]) for product in range(10))) == {}


def test_the_same_words_under_different_products() -> None:
    text = "做工很好，用起来也顺手，会再来的"
    copied = [posted("A", 0, text), posted("B", 90, text + "！"), posted("A", 200)]
    assert signs(*copied) == {"account_copies": {0, 1}}
    assert signs(posted("A", 0, text), posted("A", 90, text)) == {}
    assert signs(posted("A", 0, text), posted("B", 90, text, account="u2")) == {}


def test_the_proof_is_the_first_that_shows_it_whatever_the_order() -> None:
    text = "做工很好，用起来也顺手，会再来的"
    later, first, middle = posted("B", 300, text), posted("A", 0, text), posted("B", 90, text)
    [(sign, places, proof)] = account_signs([later, first, middle])
    assert (sign, places, proof) == ("account_copies", [1, 2, 0], 2)
