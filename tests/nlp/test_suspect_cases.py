"""Cases put into an ordinary shop: each kind must be found, and little else."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from nlp.suspect import Reason, find_suspects

DAYS = 120
START = datetime(2026, 1, 1)
OPENINGS = """昨天刚到手 用了一个星期 给家里老人买的 第二次回购了 朋友推荐来的
等了三天才到 趁活动入手 对比了好几家 纠结了很久 孩子上学用"""
SUBJECTS = """外壳 按键 屏幕 电池 包装 说明书 充电口 声音 气味 颜色
尺寸 手感 客服 快递 安装 接缝 布料 拉链 底座 灯光"""
GOOD = """比想象中细致 没有毛病 相当顺手 很讨喜 挑不出问题
比旧的强多了 配得上价钱 正合适 让人放心 出乎意料地好"""
BAD = """有点粗糙 用两天就松了 和图片差太远 让人失望 一股怪味
经常出错 完全不值 根本没法用 太敷衍 已经坏了"""
ENDINGS = """家人也说好 先用着再看 过阵子来追评 希望耐用一些 总的来说就这样
给大家做个参考 下次买别的颜色 记录一下 暂时这么多 拍了照片"""


@dataclass(frozen=True)
class Case:
    text: str
    rating: float
    score: float
    account: str
    product: str
    at: datetime


@dataclass
class Shop:
    """2,000 ordinary reviews of ten products, each by another shopper, over 120 days."""

    source: random.Random = field(default_factory=lambda: random.Random(7))

    def write(self, good: bool) -> str:
        parts = [self.source.choice(OPENINGS.split())]
        for subject in self.source.sample(SUBJECTS.split(), self.source.randint(2, 4)):
            parts.append(subject + self.source.choice((GOOD if good else BAD).split()))
        return "，".join([*parts, self.source.choice(ENDINGS.split())])

    def review(self, day: float | None = None, product: int | None = None) -> Case:
        good = self.source.random() < 0.8
        at = START + timedelta(days=self.source.uniform(0, DAYS) if day is None else day)
        number = self.source.randrange(10) if product is None else product
        stars, score = self.source.choice([(5, 0.9), (4, 0.7)] if good else [(1, -0.9), (2, -0.7)])
        account = f"shopper {self.source.random()}"
        return Case(self.write(good), stars, score, account, f"P{number}", at)

    def edited(self, text: str) -> str:
        letters = list(text)
        for _ in range(self.source.randint(1, 3)):
            place = self.source.randrange(len(letters))
            letters[place : place + self.source.randint(0, 1)] = self.source.choice("的了呢啊很太好")
        return "".join(letters) + self.source.choice(["", "！", "~~", "👍", "。。。"])


def near_copies(shop: Shop) -> list[Case]:
    written = [shop.write(good=True) for _ in range(10)]
    return [
        replace(shop.review(product=place), text=shop.edited(text))
        for place, text in enumerate(written)
        for _ in range(10)
    ]


def exact_copies(shop: Shop) -> list[Case]:
    written = [shop.write(good=True) for _ in range(10)]
    return [
        replace(shop.review(product=place), text=text)
        for place, text in enumerate(written)
        for _ in range(10)
    ]


def default_texts(shop: Shop) -> list[Case]:
    texts = [
        "此用户没有填写评价。",
        "该用户未及时填写评价内容",
        "评价方未及时做出评价,系统默认好评!",
        "默认好评",
    ]
    return [replace(shop.review(), text=shop.source.choice(texts)) for _ in range(100)]


def bursts(shop: Shop) -> list[Case]:
    days = [(30 + 12 * burst, burst) for burst in range(4)]
    return [
        shop.review(day + shop.source.uniform(0.4, 0.9), product) for day, product in days for _ in range(30)
    ]


def contradictions(shop: Shop) -> list[Case]:
    ordinary = (shop.review() for _ in range(100))
    return [
        replace(case, rating=6 - case.rating, score=0.95 if case.score > 0 else -0.95) for case in ordinary
    ]


def account_copies(shop: Shop) -> list[Case]:
    found = []
    for account in range(25):
        text = shop.write(good=True)
        for product in shop.source.sample(range(10), 4):
            found.append(replace(shop.review(product=product), text=text, account=f"copier {account}"))
    return found


def busy_accounts(shop: Shop) -> list[Case]:
    days = [(account, shop.source.uniform(0, DAYS)) for account in range(10)]
    return [
        replace(shop.review(day + shop.source.uniform(0, 0.9)), account=f"busy {account}")
        for account, day in days
        for _ in range(10)
    ]


KINDS: dict[str, Callable[[Shop], list[Case]]] = {
    "template": near_copies,
    "duplicate": exact_copies,
    "default_text": default_texts,
    "burst": bursts,
    "rating_contradicts": contradictions,
    "account_copies": account_copies,
    "busy_account": busy_accounts,
}


def reasons_of(cases: list[Case]) -> list[list[Reason]]:
    return find_suspects(
        [case.text for case in cases],
        [case.rating for case in cases],
        [case.score for case in cases],
        [case.account for case in cases],
        [case.product for case in cases],
        [case.at for case in cases],
    )


@pytest.fixture(scope="module")
def ordinary() -> list[Case]:
    shop = Shop()
    return [shop.review() for _ in range(2000)]


@pytest.mark.parametrize("kind", KINDS)
def test_planted_cases_are_found_and_little_else(kind: str, ordinary: list[Case]) -> None:
    planted = KINDS[kind](Shop(random.Random(kind)))
    # An edit of the marks alone leaves the same letters: a duplicate.
    meant = {"template", "duplicate"} if kind == "template" else {kind}
    reasons = reasons_of(ordinary + planted)
    found = [place for place, codes in enumerate(reasons) if meant.intersection(codes)]
    hits = sum(place >= len(ordinary) for place in found)
    precision, recall = hits / max(1, len(found)), hits / len(planted)
    print(f"{kind}: {len(planted)} planted, precision {precision:.3f}, recall {recall:.3f}")
    assert precision >= 0.9
    assert recall >= 0.9


def test_an_ordinary_shop_is_hardly_suspected(ordinary: list[Case]) -> None:
    assert sum(map(bool, reasons_of(ordinary))) <= 0.01 * len(ordinary)


def test_the_order_of_the_batch_changes_nothing(ordinary: list[Case]) -> None:
    shop = Shop(random.Random(3))
    cases = ordinary + [case for make in KINDS.values() for case in make(shop)]
    shuffled = random.Random(4).sample(range(len(cases)), len(cases))
    in_order, mixed = reasons_of(cases), reasons_of([cases[place] for place in shuffled])
    assert mixed == [in_order[place] for place in shuffled]
