import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.privacy import find, is_bank_card, is_id_card, mask

ID_CARD = "11010519491231002X"  # the example of GB 11643-1999


def luhn(digits: str) -> str:
    """Append the check digit, computed independently of the code under test."""
    for check in "0123456789":
        total = 0
        for place, digit in enumerate(reversed(digits + check)):
            value = int(digit) * (2 if place % 2 else 1)
            total += value // 10 + value % 10
        if total % 10 == 0:
            return digits + check
    raise AssertionError(digits)


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("电话13812345678哦", "phone", "13812345678"),
        ("电话 138-1234-5678", "phone", "138-1234-5678"),
        ("+86 138 1234 5678", "phone", "+86 138 1234 5678"),
        ("１３８１２３４５６７８", "phone", "１３８１２３４５６７８"),
        (f"身份证{ID_CARD}。", "id_card", ID_CARD),
        (f"身份证{ID_CARD.lower()}", "id_card", ID_CARD.lower()),
        ("卡号4444 4444 4444 4448", "bank_card", "4444 4444 4444 4448"),
        ("邮箱a.b+c@mail.example.cn谢谢", "email", "a.b+c@mail.example.cn"),
        ("邮箱ab＠qq.com", "email", "ab＠qq.com"),
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
        "订单1234567890123456",  # no card begins with 1
        "110105194912310021",  # wrong check digit
        "11010519491331002X",  # month 13
        "6222020000000000001",  # wrong Luhn sum
        "价格@低.",
        "尺码a@b",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert find(text) == []


def test_check_digits() -> None:
    assert is_id_card(ID_CARD)
    assert sum(is_id_card(ID_CARD[:-1] + last) for last in "0123456789X") == 1
    assert not is_bank_card("0" * 16)


@given(st.integers(10**17, 10**18 - 1))
def test_any_right_card_is_found_and_any_other_is_not(number: int) -> None:
    digits = "62" + str(number)[2:]
    right = luhn(digits)
    wrong = right[:-1] + str((int(right[-1]) + 1) % 10)
    assert is_bank_card(right)
    assert not is_bank_card(wrong)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("加我13812345678", "加我138****5678"),
        ("加我+86 138-1234-5678", "加我+86 138-****-5678"),
        (ID_CARD, "110*************2X"),
        ("4444 4444 4444 4448", "4444 **** **** 4448"),
        ("ab@qq.com a@qq.com", "a*@qq.com *@qq.com"),
        ("质量很好", "质量很好"),
    ],
)
def test_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


PIECES = st.sampled_from(
    ["13812345678", ID_CARD, "4444444444444448", "a.b@qq.com", "质量好，", " ", "x", "1", "@", "-"]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_masking_keeps_length_and_leaves_nothing_to_find(text: str) -> None:
    masked = mask(text)
    assert len(masked) == len(text)
    spans = find(text)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    outside = set(range(len(text))) - {place for item in spans for place in range(item.start, item.end)}
    assert all(masked[place] == text[place] for place in outside)
    assert not {item.kind for item in find(masked)} & {"phone", "id_card", "bank_card"}


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_any_text_is_masked(text: str) -> None:
    assert len(mask(text)) == len(text)


@pytest.mark.parametrize("piece", ["1", "13812345678，", "a@", "a.", "6222 ", "6222-", "@", "1-", "a@a.a."])
def test_time_is_linear(piece: str) -> None:
    start = time.process_time()
    mask((piece * 100_000)[:100_000])
    assert time.process_time() - start < 2
