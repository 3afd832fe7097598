from typing import Any

import pytest

from tests.workers.factories import ALERT, REPORT
from workers import alert_words, report_words
from workers.alert_words import plain
from workers.message_words import entry, headline, longest_headline

OVERVIEW = REPORT | {"title": ""}


def report(**values: Any) -> dict[str, Any]:
    return {"report": REPORT | values}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_body_is_told_in_its_own_words(language: str) -> None:
    assert entry(report(), language) == report_words.entry(REPORT, language, plain)
    assert entry(ALERT, language, "https://a") == alert_words.entry(ALERT, language, "https://a")


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
