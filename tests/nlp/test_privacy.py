import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp import privacy
from nlp.privacy import find, mask
from tests.nlp.personal import ID_CARD, PERSONAL

CHINESE = st.text(st.sampled_from("质量很好，物流慢。不是我的尺码大了！"), max_size=12)
PIECES = st.sampled_from(
    f"13812345678|{ID_CARD}|4444444444444448|a.b@qq.com|微信|QQ|订单号|路|小区|"
    "12号|3栋|5室|质量好，| |x|1|@|-|*|六|abc123|＊|：|幺".split("|")
)


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("电话13812345678哦", "phone", "13812345678"),
        ("买了一13812345678", "phone", "13812345678"),
        ("电话 138-1234-5678", "phone", "138-1234-5678"),
        ("+86 138 1234 5678", "phone", "+86 138 1234 5678"),
        ("1 3 8 1 2 3 4 5 6 7 8", "phone", "1 3 8 1 2 3 4 5 6 7 8"),
        ("１３８１２３４５６７８", "phone", "１３８１２３４５６７８"),
        ("幺三八一二三四五六七八", "phone", "幺三八一二三四五六七八"),
        ("座机0571-88123456", "phone", "0571-88123456"),
        (f"身份证{ID_CARD}。", "id_card", ID_CARD),
        (f"身份证{ID_CARD.lower()}", "id_card", ID_CARD.lower()),
        ("110105 19491231 002X", "id_card", "110105 19491231 002X"),
        ("卡号4444 4444 4444 4448", "bank_card", "4444 4444 4444 4448"),
        ("邮箱a.b+c@mail.example.cn谢谢", "email", "a.b+c@mail.example.cn"),
        ("邮箱ab＠qq.com", "email", "ab＠qq.com"),
        ("微信abc12345，加我", "wechat", "abc12345"),
        ("加我微信：lovexiaohua", "wechat", "lovexiaohua"),
        ("加我微信qqaa000，", "wechat", "qqaa000"),
        ("vx13812345678", "phone", "13812345678"),
        ("加v：xh_8899", "wechat", "xh_8899"),
        ("扣扣 1234 5678", "qq", "1234 5678"),
        ("訂單號：1234567890123", "order_id", "1234567890123"),
        ("订单号13812345678", "order_id", "13812345678"),
        ("快递单号SF1234567890123", "order_id", "SF1234567890123"),
        ("杭州市西湖区文三路123号", "address", "123号"),
        ("小区3栋2单元502", "address", "3栋2单元502"),
        ("翠苑五号楼三单元", "address", "五号楼三单元"),
        ("我住在朝阳区建国路88号", "address", "88号"),
    ],
)
def test_found_with_its_place(text: str, kind: str, found: str) -> None:
    (item,) = find(text)
    assert (item.kind, text[item.start : item.end]) == (kind, found)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12812345678",  # no such prefix
        "138123456789",  # too long
        "编码1234567890123456",  # no card begins with 1
        "110105194912310021",  # wrong check digit
        "11010519491331002X",  # month 13
        "6222020000000000001",  # wrong Luhn sum
        "价格@低.",
        "尺码a@b",
        "空调KFR-35GW/NhGm1BAj，条码6901234567892",
        "2019-11-11 12:30:45 下单，1299.00元",
        "微信iphone6s登录不了",
        "微信支付100元",
        "微信facebook都能用",
        "奇瑞QQ 30000多",
        "QQ2013版",
        "我在北京市，中山路12号店",
        "北京市朝阳区3号线",
        "万达广场三楼",
        "1楼2楼3楼都有",
        "三号收到，五号就坏了",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert find(text) == []


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("加我13812345678", "加我138****5678"),
        ("加我+86 138-1234-5678", "加我+86 138-****-5678"),
        ("幺三八一二三四五六七八", "幺三八****五六七八"),
        ("0571-88123456", "0571-****3456"),
        (ID_CARD, "110*************2X"),
        ("4444 4444 4444 4448", "4444 **** **** 4448"),
        ("ab@qq.com a@qq.com", "a*@qq.com *@qq.com"),
        ("微信abc12345", "微信********"),
        ("QQ:12345678", "QQ:********"),
        ("订单号1234567890", "订单号******7890"),
        ("杭州市西湖区文三路123号5栋602室", "杭州市西湖区文三路***号*栋***室"),
        ("质量很好", "质量很好"),
    ],
)
def test_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@given(CHINESE, PERSONAL, CHINESE)
def test_right_data_in_chinese_text_is_found_and_hidden(
    before: str, personal: tuple[str, str, str], after: str
) -> None:
    kind, context, value = personal
    text = f"{before}{context}{value}，{after}"
    masked = mask(text)
    assert [item.kind for item in find(text)] == [kind]
    assert value not in masked
    start = len(before) + len(context)
    assert masked[:start] == text[:start]
    assert masked[start + len(value) :] == text[start + len(value) :]
    assert {"*"} >= {new for new, old in zip(masked, text, strict=True) if new != old} != set()


@given(CHINESE, PERSONAL, CHINESE)
def test_what_is_masked_is_known_for_what_it_was(
    before: str, personal: tuple[str, str, str], after: str
) -> None:
    text = f"{before}{personal[1]}{personal[2]}，{after}"
    masked = mask(text)
    assert mask(masked) == masked
    assert [(i.start, i.end, i.kind) for i in find(masked)] == [(i.start, i.end, i.kind) for i in find(text)]


@given(st.lists(PIECES, max_size=12).map("".join))
def test_masking_keeps_length_and_changes_nothing_else(text: str) -> None:
    masked = mask(text)
    assert len(masked) == len(text)
    spans = find(text)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    outside = set(range(len(text))) - {place for item in spans for place in range(item.start, item.end)}
    assert all(masked[place] == text[place] for place in outside)
    assert mask(masked) == masked


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_any_text_is_masked(text: str) -> None:
    assert len(mask(text)) == len(text)


NUMBERS = (
    "1",
    "13812345678，",
    "6222 ",
    "6222-",
    "1-",
    "*",
    "1*",
    "1号",
    "1号2",
    "订单号1-",
    "QQ1 ",
    "一",
    "\u202e1",
)
LETTERS = ("a@", "a.", "@", "a@a.a.", "微信", "微信a", "加我微信号是", "市区路", "\ud800", "👍")


@pytest.mark.parametrize("piece", [*NUMBERS, *LETTERS])
def test_time_is_linear(piece: str) -> None:
    start = time.process_time()
    mask((piece * 100_000)[:100_000])
    assert time.process_time() - start < 2


def test_reviews_without_digits_take_ten_microseconds() -> None:
    text = "质量很好，物流也很快，包装完好无损，客服态度不错，下次还会再来购买的，推荐给大家"
    start = time.process_time()
    for _ in range(20_000):
        mask(text)
    assert time.process_time() - start < 0.2


def test_digits_and_words_that_identify_nobody_are_passed_over_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(privacy, "half_width", None)
    assert find("用了3天，加了个菜，12345") == find("u5322012") == []
    with pytest.raises(TypeError):
        find("加我 abcdef")
