import re
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from alerting import KINDS
from storage.models import CHANNELS, AlertItem
from storage.models.alerts import ALERT_STATES
from webapp.pages.alert_words import action, channel, compared, effect, kind, level, rule, state

FIGURES = {"now": 0.182, "before": 0.091, "low": 0.032, "high": 0.15, "n": 120, "n_before": 400}


@pytest.mark.parametrize("language", ["zh_Hans_CN", "en"])
def test_every_code_has_a_name(app: Flask, language: str) -> None:
    with app.test_request_context("/"), force_locale(language):
        named = {code: kind(code) for code in KINDS} | {code: channel(code) for code in CHANNELS}
        states = [(state(code), action(code)) for code in ALERT_STATES]
        levels = [level(code, sensitivity) for code in KINDS for sensitivity in (1, 5)]
    assert [code for code, name in named.items() if name == code] == []
    assert len(set(states)) == len(ALERT_STATES)
    del named["webhook"]  # a webhook is one in Chinese too
    shown = [*named.values(), *levels, *(word for pair in states for word in pair)]
    assert {bool(re.search("[\u4e00-\u9fff]", text)) for text in shown} == {language != "en"}


@pytest.mark.parametrize("name", ["差评占比上升", "Share of bad reviews rises"])
def test_a_rule_with_the_plain_name_of_its_kind_is_named_in_the_readers_language(
    app: Flask, name: str
) -> None:
    with app.test_request_context("/"), force_locale("en"):
        assert rule(name, "negative_share") == "Share of bad reviews rises"
        assert (rule(name, "stockout"), rule("我的规则", "negative_share")) == (name, "我的规则")
        assert rule("", "negative_share") == ""
    with app.test_request_context("/"):
        assert rule(name, "negative_share") == "差评占比上升"


@pytest.mark.parametrize(
    ("code", "figures", "said"),
    [
        (
            "negative_share",
            FIGURES,
            "18.2% in 7 days (n=120), 9.1% in the 28 before; difference +3.2 to +15.0 pp (95%)",
        ),
        ("net_sentiment", FIGURES | {"low": None}, "+18 in 7 days (n=120), +9 in the 28 before"),
        ("below_band", {"now": 4.26, "before": 1200.0}, "4.3 units a day, against 1,200.0"),
        ("stockout", {"now": 3 / 7}, "3 of the last 7 days without stock"),
    ],
)
def test_figures_are_told_by_what_a_kind_compares(
    app: Flask, code: str, figures: dict[str, Any], said: str
) -> None:
    with app.test_request_context("/"), force_locale("en"):
        assert compared(code, figures) == said


def test_nothing_is_said_of_a_fix_that_was_not_measured(app: Flask) -> None:
    with app.test_request_context("/"):
        assert effect(AlertItem(effect={})) == ""
