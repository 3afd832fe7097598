from typing import Any

import pytest

from reports.facts import facts
from tests.reports.factories import figures


def lines(language: str = "zh", **values: Any) -> dict[str, Any]:
    return dict(facts(figures(**values), language))


def forecast(*drivers: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = figures()["forecast"]
    return made | {"drivers": list(drivers)}


def test_what_a_report_rests_on_in_order() -> None:
    names = [name for name, _ in facts(figures(), "en")]
    assert names == [
        *("Conclusion", "Product id", "Title", "Brand", "Period", "Compared with"),
        *("Sales up to", "Reviews up to", "Forecast made from data to"),
        *("Does sentiment help the forecast", "Error without sentiment (WAPE)"),
        *("Error with sentiment (WAPE)", "p-value", "q-value", "Days really inside the 80% band"),
        *("Model", "Moves the forecast: Promotions and shopping festivals (units)", "Version: analyser"),
        *("Counting", "Band of the total", "Snapshot taken", "Hash of the snapshot (SHA-256)"),
    ]


def test_numbers_stay_numbers_and_ids_stay_text() -> None:
    said = lines("en")
    assert (said["p-value"], said["Days really inside the 80% band"]) == (0.6, 0.78)
    assert said["Product id"] == "00123456789012345678"
    assert said["Period"] == "2026-10-22 – 2026-11-20"


@pytest.mark.parametrize(
    ("language", "said"),
    [("zh", "30 天售出 1,200 件；差评率 20.0%"), ("en", "30 天售出 1,200 件; 差评率 20.0%")],
)
def test_clauses_are_joined_as_the_language_does(language: str, said: str) -> None:
    assert next(facts(figures(), language))[1] == said


def test_what_is_missing_has_no_line_or_a_dash() -> None:
    bare = {"champion": None, "metrics": {}, "lift": None, "coverage": {"80": None}}
    cutoff = {"sales": None, "reviews": "2026-11-19", "forecast": None}
    said = lines(conclusion=[], backtest=bare, cutoff=cutoff, forecast=None, hash="")
    assert (said["销量数据截止"], said["评论数据截止"], said["预测所用数据截止"]) == ("—", "2026-11-19", "—")
    assert said["快照哈希（SHA-256）"] == ""
    assert [name for name in said if name in ("结论", "类目", "模型", "p 值") or "覆盖率" in name] == []


def test_a_lift_without_a_verdict_says_nothing_of_worth() -> None:
    untold = figures()["backtest"] | {"lift": {"verdict": None, "wape_without": 0.2}}
    assert "Error without sentiment (WAPE)" not in lines("en", backtest=untold)


def test_levels_come_in_order() -> None:
    tested = figures()["backtest"] | {"coverage": {"95": 0.93, "80": 0.78}}
    shares = [share for name, share in facts(figures(backtest=tested), "en") if "really inside" in name]
    assert shares == [0.78, 0.93]


@pytest.mark.parametrize(
    ("driver", "named"),
    [
        ({"name": "promo", "group": "promotion", "polarity": ""}, "促销与大促"),
        ({"name": "sentiment", "group": "sentiment", "polarity": ""}, "情感"),
        ({"name": "sentiment:物流", "group": "sentiment", "polarity": "negative"}, "物流差评"),
        ({"name": "sentiment:other", "group": "sentiment", "polarity": ""}, "其他评论情感"),
        ({"name": "reviews_7", "group": "reviews_7", "polarity": ""}, "评论数"),
        ({"name": "views", "group": "", "polarity": ""}, "浏览量"),
        ({"name": "visits", "group": "", "polarity": ""}, "visits"),
    ],
)
def test_drivers_are_named(driver: dict[str, Any], named: str) -> None:
    assert lines(forecast=forecast(driver | {"effect": -7.5}))[f"影响预测：{named}（件）"] == -7.5


def test_versions_come_by_name() -> None:
    made = forecast() | {"versions": {"features": 3, "analyzer": "reader-1"}}
    said = [(name, value) for name, value in facts(figures(forecast=made), "zh") if name.startswith("版本")]
    assert said == [("版本：分析器", "reader-1"), ("版本：特征", "3")]


def test_aspects_have_the_name_that_the_snapshot_keeps() -> None:
    blame = {"name": "sentiment:物流", "group": "sentiment", "polarity": "negative", "effect": -9.0}
    told = {"forecast": forecast(blame), "aspect_names": {"物流": "delivery"}}
    assert lines("en", **told)["Moves the forecast: Delivery blamed (units)"] == -9.0
    assert lines("zh", **told)["影响预测：物流差评（件）"] == -9.0


def test_a_group_of_drivers_is_one_line_and_the_strongest_comes_first() -> None:
    season = [{"name": name, "group": "season", "polarity": "", "effect": -4.0} for name in ("week", "year")]
    price = {"name": "price", "group": "price", "polarity": "", "effect": 5.0}
    told = [line for line in facts(figures(forecast=forecast(price, *season)), "en") if "Moves" in line[0]]
    assert told == [
        ("Moves the forecast: Season and day of the week (units)", -8.0),
        ("Moves the forecast: Price (units)", 5.0),
    ]
