from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.accounts import Posted
from nlp.suspect import (
    CONTEXT,
    REASONS,
    SILENT,
    Reason,
    context_reasons,
    contradicts,
    find_suspects,
    is_default_text,
    own_reasons,
)

START = datetime(2026, 3, 1, 12)


@pytest.mark.parametrize(
    "text",
    [
        "此用户没有填写评价",
        "此用户没有填写评价。",
        "此用户未填写评价内容",
        "该用户未填写文字评价",
        "此用户没有及时填写评价内容",
        "买家未及时评价",
        "评价方未及时做出评价，系统默认好评!",
        "系统默认好评",
        "您没有填写内容，默认好评",
        "系统自动好评。",
        "默认好评",
        "自动好评",
        "暂无评价",
        "15天内买家未作出评价",
        "The user did not write a review.",
    ],
)
def test_default_texts(text: str) -> None:
    assert is_default_text(text)
    assert own_reasons(text) == ["default_text"]


@pytest.mark.parametrize(
    "text",
    [
        "好评",
        "质量很好，系统默认好评",
        "没有评价的必要，太差了",
        "内容",
        "没有填写内容",
        "用户体验很好",
        "",
        "！！！",
    ],
)
def test_own_words_are_no_default_text(text: str) -> None:
    assert not is_default_text(text)


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("", ["empty"]),
        ("。。。！", ["empty"]),
        ("好", ["too_short"]),
        ("11111", ["too_short"]),
        ("好评", []),
        ("👍👍", []),
        ("好好好好好好好好好好好好好好", ["filler"]),
        ("哈哈呵呵哈哈呵呵哈哈呵呵", ["filler"]),
        ("不错，凑够字数", ["filler"]),
        ("很好用，够十个字了吧", ["filler"]),
        ("物流很快，包装完好，质量不错。", []),
    ],
)
def test_reasons_of_a_text_alone(text: str, reasons: list[str]) -> None:
    assert own_reasons(text) == reasons


@pytest.mark.parametrize(
    ("rating", "score", "expected"),
    [
        (5, -0.9, True),
        (4, -0.8, True),
        (1, 0.9, True),
        (5, -0.5, False),
        (3, -1.0, False),
        (1, -0.9, False),
        (None, 1.0, False),
        (float("nan"), 1.0, False),
    ],
)
def test_stars_against_words(rating: float | None, score: float, expected: bool) -> None:
    assert contradicts(rating, score) is expected


def test_batch_with_ratings_and_templates() -> None:
    copied = "宝贝收到了，质量非常好，和描述一致"
    texts = [copied, copied + "！！", copied, "物流太慢，再也不来了", "此用户没有填写评价"]
    reasons = find_suspects(texts, ratings=[5, 5, 5, 5, 5], scores=[0.9, 0.9, 0.9, -0.9, -0.9])
    assert reasons == [["duplicate"], ["duplicate"], ["duplicate"], ["rating_contradicts"], ["default_text"]]
    assert find_suspects(texts, ratings=[5] * 5)[3] == []
    assert find_suspects([]) == []


def test_ratings_must_fit_the_texts() -> None:
    with pytest.raises(ValueError, match="shorter"):
        find_suspects(["质量不错"], ratings=[], scores=[0.0])
    with pytest.raises(ValueError, match="longer"):
        find_suspects(["质量不错"], accounts=["a", "b"])


def test_copies_are_looked_for_within_a_product() -> None:
    copied = "宝贝收到了，质量非常好，和描述一致"
    assert find_suspects([copied] * 4, products=["A", "A", "A", "B"]) == [["duplicate"]] * 3 + [[]]
    assert find_suspects([copied] * 3, products=["A", "A", "B"]) == [[], [], []]


def test_nothing_else_is_held_against_the_silent() -> None:
    times = [START] * 3
    found = find_suspects(["此用户没有填写评价"] * 3, [5] * 3, [-1.0] * 3, ["u1"] * 3, ["A"] * 3, times)
    assert found == [["default_text"]] * 3


def test_reasons_are_known_from_the_review_that_gives_the_others_away() -> None:
    copied = "宝贝收到了，质量非常好，和描述一致"
    moments = [START + timedelta(days=day) for day in (9, 0, 5, 1)]
    found = context_reasons([Posted(copied, "A", "", at) for at in moments])
    assert found == [{"duplicate": moments[2]}] * 4
    posted = Posted("无关的话，只是同一时间来的", "A", "", START + timedelta(minutes=5))
    assert context_reasons([posted], {("A", START)}) == [{"burst": posted.at}]
    assert context_reasons([posted], {("B", START)}) == [{}]


def test_moments_with_a_zone_are_read_by_their_own_clock() -> None:
    zone = timezone(timedelta(hours=8))
    times = [datetime(2026, 1, 1 + day // 2, 9, tzinfo=zone) for day in range(60)]
    texts = [f"{chr(0x4E00 + n)}{chr(0x5E00 + n)}" for n in range(100)]
    times += [datetime(2026, 1, 28, 23, minute, tzinfo=zone) for minute in range(40)]
    found = find_suspects(texts, products=["A"] * 100, times=times)
    assert found == [[]] * 60 + [["burst"]] * 40


def test_every_reason_has_words_in_both_languages() -> None:
    assert all(set(words) == {"zh", "en"} and all(words.values()) for words in REASONS.values())
    assert CONTEXT | SILENT < set(REASONS) == set(get_args(Reason))


def test_every_reason_is_documented_in_the_same_words() -> None:
    page = (Path(__file__).parents[2] / "docs/suspects.md").read_text(encoding="utf-8")
    for code, words in REASONS.items():
        assert f"| `{code}` | {words['zh']} | {words['en']} |" in page


@given(st.lists(st.text(st.characters(exclude_categories=()), max_size=40), max_size=8))
def test_any_batch_gets_known_reasons(texts: list[str]) -> None:
    found = find_suspects(texts, [5.0] * len(texts), [-1.0] * len(texts))
    assert len(found) == len(texts)
    assert {reason for reasons in found for reason in reasons} <= set(REASONS)
