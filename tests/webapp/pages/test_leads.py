from typing import Any

import pytest

from webapp.pages.leads import lead


def row(verdict: str = "leads", **values: Any) -> dict[str, Any]:
    found = {"column": "negative_share", "aspect": None, "lag": 3, "correlation": -0.264, "p_value": 0.001}
    return found | {"q_value": 0.01, "verdict": verdict} | values


def test_the_surest_aspect_is_named_before_the_whole_review(chinese: None) -> None:
    rows = [
        row(p_value=1e-9, lag=9),
        row(aspect="质量", p_value=0.003, lag=8),
        row(aspect="物流"),
        row("none", aspect="价格", p_value=0.0),
    ]
    said = lead({"lags": rows})
    assert said == "物流差评领先销量约 3 天（相关 −0.26，q = 0.010）。这说明时间先后，不证明因果。"


@pytest.mark.parametrize(
    ("values", "start"),
    [
        ({"aspect": "物流"}, "Complaints about 物流 led sales by about 3 d (correlation −0.26, q = 0.010)"),
        ({"q_value": 0.0001}, "Bad reviews led sales by about 3 d (correlation −0.26, q < 0.001)"),
        ({"column": "sentiment_mean", "correlation": 0.3}, "The sentiment of reviews led"),
    ],
)
def test_who_leads_is_said_in_words(english: None, values: dict[str, Any], start: str) -> None:
    assert (lead({"lags": [row(**values)]}) or "").startswith(start)


def test_that_nobody_leads_is_said_calmly(chinese: None) -> None:
    assert lead({"lags": [row("none")]}) == "没有发现评论领先于销量，整体和各方面都没有。"


@pytest.mark.parametrize("findings", [None, {}, {"lags": []}, {"lags": None}])
def test_nothing_measured_nothing_said(findings: dict[str, Any] | None) -> None:
    assert lead(findings) is None
