from typing import Any

import pytest

from tests.workers.factories import REPORT
from workers.alert_words import plain
from workers.report_words import entry, name

OVERVIEW = {"product_id": None, "title": "", "products": 1234, "ahead": None}


def said(language: str, **values: Any) -> list[str]:
    return entry(REPORT | values, language, plain).splitlines()


def test_a_report_reads_well_in_chinese() -> None:
    assert said("zh") == [
        "**空气炸锅  5L (http://evil)** · 周报 2026-11-23",
        "> 近 7 天（至 2026-11-22）销量 1,230 件，前 7 天 1,100 件（↑ +11.8%）",
        "> 近 30 天（至 2026-11-21）净情感 +42（n=120，95% 区间 +30 至 +54），此前 +38（n=90）",
        "> 2026-11-23 起 14 天预测 2,500 件（80% 区间逐日相加 2,000 至 3,000）",
        "[查看报告与文件](https://fengping.example.com/products/7/exports)",
    ]


def test_a_report_reads_well_in_english() -> None:
    assert said("en") == [
        "**空气炸锅  5L (http://evil)** · weekly report 2026-11-23",
        "> Last 7 days (to 2026-11-22): 1,230 units, 7 days before 1,100 (↑ +11.8%)",
        "> Net sentiment, 30 days (to 2026-11-21): +42 (n=120, 95% interval +30 to +54), before +38 (n=90)",
        "> Forecast of 14 days from 2026-11-23: 2,500 units (daily 80% bounds added up: 2,000 to 3,000)",
        "[Open the report and its file](https://fengping.example.com/products/7/exports)",
    ]


@pytest.mark.parametrize(
    ("units", "end"),
    [
        ({"before": None, "days_before": 0}, "前 7 天 无数据（有数据的天数：7 与 0）"),
        ({"days_before": 5}, "前 7 天 1,100 件（有数据的天数：7 与 5）"),
        ({"before": 0.0}, "前 7 天 0 件"),
        ({"before": 1230.0}, "（→ +0.0%）"),
        ({"now": 550.0}, "（↓ -50.0%）"),
    ],
)
def test_weeks_are_compared_only_when_both_are_whole(units: dict[str, Any], end: str) -> None:
    assert said("zh", units=REPORT["units"] | units)[1].endswith(end)


def test_what_is_not_known_is_left_out() -> None:
    assert said("zh", units=None, net=None, ahead=None, url="")[1:] == ["> 没有可用的数据"]
    assert said("en", **OVERVIEW)[:2] == [
        "**All products** · weekly report 2026-11-23",
        "> 1,234 products",
    ]


def test_a_report_of_no_product_is_of_all() -> None:
    assert (name(REPORT, "zh"), name(REPORT | OVERVIEW, "zh")) == (REPORT["title"], "全部商品概览")
