from collections.abc import Callable

import pytest
from flask import Flask
from flask_babel import force_locale

from forecasting.drivers import TREND
from nlp.suspect import REASONS
from storage.models import Workspace
from webapp.pages import names

NAMED: list[tuple[Callable[[str], str], tuple[str, ...]]] = [
    (names.sentiment, ("positive", "neutral", "negative", "uncertain")),
    (names.suspect, tuple(REASONS)),
    (names.state, ("queued", "running", "succeeded", "failed", "cancelled")),
    (
        names.job_kind,
        (
            "import_reviews",
            "import_products",
            "import_sales",
            "import_orders",
            "analyze",
            "refresh",
            "digest",
            "export",
        ),
    ),
    (
        names.stage,
        ("import", "score", "suspects", "daily", "digest", "export", "analyze", "train", "forecast"),
    ),
    (names.model, ("SeasonalNaive", "Trees", "Ensemble+sentiment", "Fengping")),
    (
        names.driver,
        (
            "sentiment:other",
            "promotion",
            "weekday",
            "holiday",
            "shopping_festival",
            "season",
            "promo",
            "price",
            "views",
            TREND,
        ),
    ),
    (names.version, ("model", "features", "data")),
    (names.assumption, ("plan", "last")),
]
PAIRS = [(name, code) for name, codes in NAMED for code in codes]


def test_an_aspect_is_named_with_blame_or_praise(app: Flask) -> None:
    with app.test_request_context(), force_locale("zh_Hans_CN"):
        assert names.driver("sentiment:物流", "negative") == "物流差评"
        assert names.driver("sentiment:物流", "positive") == "物流好评"


@pytest.mark.parametrize(("name", "code"), PAIRS, ids=lambda part: getattr(part, "__name__", part))
def test_every_code_has_words_in_both_languages(app: Flask, name: Callable[[str], str], code: str) -> None:
    with app.test_request_context():
        with force_locale("zh_Hans_CN"):
            chinese = name(code)
        with force_locale("en"):
            english = name(code)
    assert code not in (chinese, english)
    assert any("一" <= letter <= "鿿" for letter in chinese)
    assert english.isascii()


def test_the_page_and_the_library_give_the_same_reasons(app: Flask) -> None:
    for language, locale in (("zh", "zh_Hans_CN"), ("en", "en")):
        with app.test_request_context(), force_locale(locale):
            assert {code: names.suspect(code) for code in REASONS} == {
                code: words[language] for code, words in REASONS.items()
            }


def test_what_the_shop_named_keeps_its_name(app: Flask) -> None:
    with app.test_request_context():
        assert names.driver("直播间人数") == "直播间人数"
        assert names.assumption("0") == "0"
        assert names.sentiment(None) == names.sentiment("")


@pytest.mark.parametrize(("name", "demo"), [("demo", True), ("Demo", True), ("demolition", False)])
def test_the_demo_is_known_by_its_name(name: str, demo: bool) -> None:
    assert names.is_demo(Workspace(name=name)) is demo
