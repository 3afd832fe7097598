from typing import Any

import pytest

from tests.workers.factories import ALERT, REPORT
from workers.message_words import entry, headline, longest_headline

OVERVIEW = REPORT | {"product_id": None, "title": "", "products": 1234, "ahead": None}


def report(**values: Any) -> dict[str, Any]:
    return {"report": REPORT | values}


def test_a_report_reads_well_in_chinese() -> None:
    assert entry(report(), "zh").splitlines() == [
        "**空气炸锅  5L (http://evil)** · 周报 2026-11-23",
        "> 近 7 天（至 2026-11-22）销量 1,230 件，前 7 天 1,100 件（↑ +11.8%）",
        "> 近 30 天（至 2026-11-21）净情感 +42（n=120，95% 区间 +30 至 +54），此前 +38（n=90）",
        "> 2026-11-23 起 14 天预测 2,500 件（80% 区间逐日相加 2,000 至 3,000）",
        "[查看报告与文件](https://fengping.example.com/products/7/exports)",
    ]


def test_a_report_reads_well_in_english() -> None:
    assert entry(report(), "en").splitlines() == [
        "**空气炸锅  5L (http://evil)** · weekly report 2026-11-23",
        "> Last 7 days (to 2026-11-22): 1,230 units, 7 days before 1,100 (↑ +11.8%)",
        "> Net sentiment, 30 days (to 2026-11-21): +42 (n=120, 95% interval +30 to +54), before +38 (n=90)",
        "> Forecast of 14 days from 2026-11-23: 2,500 units (daily 80% bounds added up: 2,000 to 3,000)",
        "[Open the report and its file](https://fengping.example.com/products/7/exports)",
    ]


@pytest.mark.parametrize(
    ("units", "said"),
    [
        ({"before": None, "days_before": 0}, "前 7 天 无数据（有数据的天数：7 与 0）"),
        ({"days_before": 5}, "前 7 天 1,100 件（有数据的天数：7 与 5）"),
        ({"before": 0.0}, "前 7 天 0 件"),
        ({"before": 1230.0}, "（→ +0.0%）"),
        ({"now": 550.0}, "（↓ -50.0%）"),
    ],
)
def test_weeks_are_compared_only_when_both_are_whole(units: dict[str, Any], said: str) -> None:
    line = entry(report(units=REPORT["units"] | units), "zh").splitlines()[1]
    assert line.endswith(said)


def test_what_is_not_known_is_left_out() -> None:
    bare = report(units=None, net=None, ahead=None, url="")
    assert entry(bare, "zh").splitlines()[1:] == ["> 没有可用的数据"]
    assert entry({"report": OVERVIEW}, "en").splitlines()[:2] == [
        "**All products** · weekly report 2026-11-23",
        "> 1,234 products",
    ]


@pytest.mark.parametrize(
    ("bodies", "zh", "en"),
    [
        ([ALERT], "风评提醒 · 1 条", "Fengping · 1 alert"),
        ([ALERT, ALERT], "风评提醒 · 2 条", "Fengping · 2 alerts"),
        ([{"report": OVERVIEW}], "风评周报 · 全部商品概览", "Fengping weekly report · All products"),
        ([report(), report()], "风评周报 · 2 份", "Fengping · 2 weekly reports"),
        (
            [ALERT, report(), ALERT],
            "风评 · 提醒 2 条，周报 1 份",
            "Fengping · 2 alerts, 1 weekly report",
        ),
    ],
)
def test_a_headline_says_what_is_in_it(bodies: list[dict[str, Any]], zh: str, en: str) -> None:
    assert (headline(bodies, "zh"), headline(bodies, "en")) == (zh, en)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_first_part_has_a_longer_headline_than_the_longest(language: str) -> None:
    long = report(title="很长的名字" * 20)
    for bodies in ([long, ALERT, ALERT], [ALERT] * 12, [ALERT, long] * 6, [long, long]):
        longest = len(longest_headline(bodies, language).encode())
        assert all(len(headline(bodies[:n], language).encode()) <= longest for n in range(1, len(bodies) + 1))


def test_a_name_with_odd_line_ends_stays_on_its_line() -> None:
    """Python's mail refuses a subject with any of them."""
    [subject] = headline([report(title="空气\u2028炸\x85锅\x0b")], "zh").splitlines()
    assert subject == "风评周报 · 空气 炸 锅"
