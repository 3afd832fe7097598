from datetime import date

import pytest

from webapp.pages.period import Period, read_period

FIRST, LAST = date(2025, 1, 1), date(2026, 11, 20)


@pytest.mark.parametrize(
    ("name", "start", "days"),
    [
        ("7", date(2026, 11, 14), 7),
        ("30", date(2026, 10, 22), 30),
        ("90", date(2026, 8, 23), 90),
        ("all", FIRST, 689),
    ],
)
def test_a_period_ends_at_the_cutoff(name: str, start: date, days: int) -> None:
    period = read_period(name, FIRST, LAST)
    assert period == Period(name, start, LAST)
    assert period.days == days


@pytest.mark.parametrize("name", [None, "", "31", "'; DROP"])
def test_anything_else_is_thirty_days(name: str | None) -> None:
    assert read_period(name, FIRST, LAST).name == "30"


def test_all_of_a_single_day() -> None:
    assert read_period("all", LAST, LAST).days == 1
