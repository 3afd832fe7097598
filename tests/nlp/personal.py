"""Personal data made up for tests: right by construction, independently of the code under test."""

import datetime

from hypothesis import strategies as st

ID_CARD = "11010519491231002X"  # the example of GB 11643-1999


def luhn(digits: str) -> str:
    """Append the check digit."""
    for check in "0123456789":
        total = 0
        for place, digit in enumerate(reversed(digits + check)):
            value = int(digit) * (2 if place % 2 else 1)
            total += value // 10 + value % 10
        if total % 10 == 0:
            return digits + check
    raise AssertionError(digits)


def mod_11_2(digits: str) -> str:
    """Append the check character: X counts 10, and the powers of two weigh the places (ISO 7064)."""
    total = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(digits))
    return digits + "0123456789X"[(1 - total) % 11]


def digits(length: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=length, max_size=length)


def written(number: str, way: str) -> str:
    """Write a number in full width, in Chinese numerals, or as it is."""
    tables = {"wide": "０１２３４５６７８９", "numerals": "零一二三四五六七八九", "plain": "0123456789"}
    return number.translate(str.maketrans("0123456789", tables[way]))


WAYS = st.sampled_from(["plain", "wide", "numerals"])
SEPARATORS = st.sampled_from(["", "-", " "])
BARE_PHONES = st.builds("1{}{}".format, st.sampled_from("3456789"), digits(9))
PHONES = st.builds(
    lambda number, way, mark: written(mark.join([number[:3], number[3:7], number[7:]]), way),
    BARE_PHONES,
    st.sampled_from(["plain", "wide"]),
    SEPARATORS,
) | st.builds(written, BARE_PHONES, WAYS)
BIRTHDAYS = st.dates(datetime.date(1930, 1, 1), datetime.date(2025, 12, 31))
ID_CARDS = st.builds(
    lambda area, born, order: mod_11_2(f"{area}{born:%Y%m%d}{order}"),
    st.integers(110000, 659999),
    BIRTHDAYS,
    digits(3),
)
BANK_CARDS = st.builds(
    lambda number, mark: mark.join(number[place : place + 4] for place in range(0, len(number), 4)),
    st.builds(lambda rest: luhn("62" + rest), digits(13) | digits(16)),
    SEPARATORS,
)
MAILBOXES = st.builds("{}@{}.com".format, st.from_regex(r"[a-z][a-z0-9]{1,9}", fullmatch=True), st.just("qq"))
WECHATS = st.from_regex(r"[a-z][a-z]{3}[0-9_]{2,8}[a-z0-9]", fullmatch=True)
QQS = st.builds("{}{}".format, st.sampled_from("123456789"), digits(5) | digits(9))
ORDERS = digits(12) | digits(19) | st.builds("SF{}".format, digits(13))
ROOMS = st.builds("{}号{}栋{}单元{}室".format, *[st.integers(1, 999)] * 4)

# kind, what stands before it, and what is to be hidden
PERSONAL = st.one_of(
    st.tuples(st.just("phone"), st.sampled_from(["电话", "加我", "", "联系手机："]), PHONES),
    st.tuples(st.just("id_card"), st.sampled_from(["身份证", ""]), ID_CARDS),
    st.tuples(st.just("bank_card"), st.sampled_from(["卡号", "打到"]), BANK_CARDS),
    st.tuples(st.just("email"), st.sampled_from(["邮箱", "", "发到 "]), MAILBOXES),
    st.tuples(st.just("wechat"), st.sampled_from(["加我微信", "微信号：", "VX:", "＋v信", "加v "]), WECHATS),
    st.tuples(st.just("qq"), st.sampled_from(["QQ", "QQ号：", "扣扣", "加q "]), QQS),
    st.tuples(st.just("order_id"), st.sampled_from(["订单号", "订单编号：", "快递单号 ", "訂單號"]), ORDERS),
    st.tuples(st.just("address"), st.sampled_from(["浙江省杭州市西湖区文三路", "我家小区"]), ROOMS),
)
