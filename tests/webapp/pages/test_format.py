from datetime import UTC, date, datetime

import pytest
from flask import Flask

from webapp.pages.format import (
    compact,
    day,
    duration,
    grouped,
    likely_change,
    minute,
    percent,
    point_change,
    relative_change,
    signed,
    size,
)


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (0, "0", "0"),
        (9_999, "9,999", "9,999"),
        (12_345, "1.2万", "12.3K"),
        (20_000, "2.0万", "20.0K"),
        (123_456_789, "1.2亿", "123.5M"),
        (-12_345, "−1.2万", "−12.3K"),
        (2.5, "2.5", "2.5"),
        (None, "—", "—"),
        (float("nan"), "—", "—"),
    ],
)
def test_counts_are_shortened_as_the_language_does(value: float | None, zh: str, en: str) -> None:
    assert (compact(value, "zh"), compact(value, "en")) == (zh, en)


def test_shares_and_signs() -> None:
    assert percent(0.1234) == "12.3%"
    assert grouped(1234.5, 1) == "1,234.5"
    assert [signed(value) for value in (3, -3, 0, -0.01)] == ["+3.0", "−3.0", "0.0", "0.0"]


@pytest.mark.parametrize(
    ("now", "before", "direction", "arrow", "text"),
    [
        (110, 100, "up", "▲", "+10.0%"),
        (90, 100, "down", "▼", "−10.0%"),
        (100, 100, "flat", "→", "0.0%"),
        (-50, -100, "up", "▲", "+50.0%"),
    ],
)
def test_a_change_has_arrow_sign_and_direction(
    now: float, before: float, direction: str, arrow: str, text: str
) -> None:
    change = relative_change(now, before)
    assert change is not None
    assert (change.direction, change.arrow, change.text) == (direction, arrow, text)


@pytest.mark.parametrize(("now", "before"), [(1, 0), (1, None), (None, 1), (float("nan"), 1)])
def test_nothing_is_compared_with_nothing(now: float | None, before: float | None) -> None:
    assert relative_change(now, before) is None


def test_shares_are_compared_in_percentage_points(app: Flask) -> None:
    with app.test_request_context("/"):
        change = point_change(0.10, 0.12)
        assert change is not None
        assert change.text == "−2.0 百分点"
        assert point_change(None, 0.1) is None


def test_days_and_moments_are_the_shops(app: Flask) -> None:
    assert day(date(2026, 11, 11)) == "2026-11-11"
    assert day(None) == "—"
    assert minute(datetime(2026, 11, 10, 16, 30, tzinfo=UTC), "Asia/Shanghai") == "2026-11-11 00:30"
    assert minute(None, "Asia/Shanghai") == "—"


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (63, "1:03"), (3723, "1:02:03"), (None, "—")])
def test_spans(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("p_up", "arrow", "text"),
    [(0.72, "▲", "72%"), (0.28, "▼", "72%"), (0.4, "→", "40%"), (0.6, "→", "60%"), (0.601, "▲", "60%")],
)
def test_a_likely_change_has_the_probability_of_its_arrow(p_up: float, arrow: str, text: str) -> None:
    change = likely_change(p_up)
    assert change is not None
    assert (change.arrow, change.text) == (arrow, text)


@pytest.mark.parametrize("p_up", [None, float("nan")])
def test_without_a_probability_nothing_is_likely(p_up: float | None) -> None:
    assert likely_change(p_up) is None


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 KB"), (25_600_000, "25.6 MB"), (2e9, "2.0 GB")],
)
def test_sizes_read_alike_in_both_languages(count: int, shown: str) -> None:
    assert size(count) == shown
