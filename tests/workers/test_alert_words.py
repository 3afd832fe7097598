from typing import Any

import pytest

from alerting import KINDS
from tests.workers.factories import ALERT
from workers.alert_words import WHAT, entry, plain


def said(language: str = "zh", **values: Any) -> list[str]:
    return entry(ALERT | values, language).splitlines()


def test_an_alert_reads_well_in_both_languages() -> None:
    assert entry(ALERT, "zh", "https://fp.example.com").splitlines() == [
        "**空气炸锅  5L (http://evil)** · “物流”差评上升（再次出现）",
        "> 2026-11-11 · 18.2%（n=120），此前 28 天 9.1%（差 95% 区间 +3.2 至 +15.0 个百分点）",
        "> 预计 14 天少卖 35 件",
        "[查看](https://fp.example.com/alerts?product=7)",
    ]
    assert said("en") == [
        "**空气炸锅  5L (http://evil)** · complaints about 物流 rise (came back)",
        "> 2026-11-11 · 18.2% (n=120), 28 days before 9.1% (95% interval +3.2 to +15.0 pp)",
        "> about 35 units lost in 14 days",
    ]


@pytest.mark.parametrize(
    ("values", "figures"),
    [
        ({"kind": "net_sentiment"}, "+18（n=120），此前 28 天 +9（差 95% 区间 +3 至 +15）"),
        (
            {"kind": "below_band", "now": 4.25, "before": 9, "low": None, "high": None},
            "日均 4.2 件，对照 9.0 件",
        ),
        ({"kind": "stockout", "now": 3 / 7}, "近 7 天缺货 3 天"),
    ],
)
def test_each_kind_has_figures_of_its_own(values: dict[str, Any], figures: str) -> None:
    assert said(**values)[1] == f"> 2026-11-11 · {figures}"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_kind_of_rule_has_words(language: str) -> None:
    assert set(WHAT) == set(KINDS)
    assert all(said(language, kind=kind) for kind in KINDS)


def test_what_nobody_measured_or_came_back_from_is_not_told() -> None:
    assert said(came_back=False, units_lost=None)[0].endswith("差评上升")
    assert len(said(units_lost=None)) == 2
    assert len(said(units_lost=0.0)) == 3


def test_a_name_is_stripped_of_marks_and_cut() -> None:
    assert plain("[a](b)*_`#<x>|\u2028c") == "a (b)     x   c"
    assert plain(" " + "长" * 99) == "长" * 59


def test_an_aspect_is_named_in_the_readers_language() -> None:
    assert "complaints about delivery rise" in said("en", aspect_en="delivery")[0]
    assert "“物流”差评上升" in said("zh", aspect_en="delivery")[0]
