from typing import Any

import pytest

from storage.models import ForecastRun
from webapp.pages.remarks import remark, run_remarks

LOW = {"column": "price", "value": 29.0, "low": 45.0, "high": 80.0, "of": "7", "everywhere": True}
CODES: dict[str, dict[str, Any]] = {
    "below_seen": LOW,
    "above_seen": LOW | {"value": 99.0, "everywhere": False},
    "never_seen": {"column": "promo", "value": 0.5, "seen": [0.0, 1.0]},
    "never_sold": {"products": 12},
    "no_such_reviews": {"aspect": "物流", "polarity": "negative", "days": 28},
    "no_day": {"first": "2026-11-21", "last": "2026-12-04"},
    "never_sold_model": {"model": "ARIMA"},
    "never_sold_scenario": {},
    "nothing_named": {},
    "unknown_column": {"column": "weather"},
    "already_planned": {"column": "price"},
    "never_different": {"column": "price"},
    "column_unfelt": {"column": "price"},
    "days_off_unfelt": {"column": "holiday"},
    "reviews_unheard": {"column": "what reviews say"},
}


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_said_in_chinese(chinese: None, code: str) -> None:
    said = remark({"code": code, "detail": "in English", "values": CODES[code]})
    assert said.endswith("。")
    assert "English" not in said
    assert "would" not in said


def test_what_was_never_seen_is_said_with_its_figures(english: None) -> None:
    run = ForecastRun(remarks=[{"code": code, "detail": "", "values": CODES[code]} for code in CODES])
    low, high, new, _unsold, silent, *_rest = run_remarks(run)
    assert low == (
        "Price 29 is below every value seen of this product (45 to 80). No other product has such a value "
        "either."
    )
    assert high == "Price 99 is above every value seen of this product (45 to 80)."
    assert new == "Promotion 0.5 was never seen, only 0, 1."
    assert silent.endswith("no review of this kind: 物流 blamed.")


@pytest.mark.parametrize(
    ("column", "name"),
    [("negative_share_7", "差评占比"), ("sentiment_mean_28", "评论平均情感"), ("reviews_7", "评论数量")],
)
def test_what_reviews_say_has_a_name(chinese: None, column: str, name: str) -> None:
    assert remark({"code": "below_seen", "detail": "", "values": LOW | {"column": column}}).startswith(name)


def test_a_code_of_a_later_program_keeps_its_sentence(chinese: None) -> None:
    assert remark({"code": "of tomorrow", "detail": "As it was said.", "values": {}}) == "As it was said."
