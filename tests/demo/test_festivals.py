import datetime as dt

import pytest

from demo.festivals import HOLIDAY, RUSH, SLUMP, festival_factor, platform_sales


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (dt.date(2025, 6, 18), RUSH),
        (dt.date(2025, 11, 11), RUSH),
        (dt.date(2025, 12, 12), RUSH),
        (dt.date(2025, 11, 9), 1.0),
        (dt.date(2025, 11, 13), SLUMP),
        (dt.date(2025, 1, 29), HOLIDAY),
        (dt.date(2026, 2, 17), HOLIDAY),
        (dt.date(2025, 2, 17), 1.0),
        (dt.date(2025, 4, 20), 1.0),
    ],
)
def test_factor_of_a_day(day: dt.date, expected: float) -> None:
    assert festival_factor([day])[0] == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (dt.date(2026, 6, 18), True),
        (dt.date(2026, 6, 21), False),
        (dt.date(2026, 11, 1), True),
        (dt.date(2026, 9, 8), True),
        (dt.date(2026, 1, 25), True),  # 年货节 before 17 February 2026
        (dt.date(2026, 2, 10), False),
    ],
)
def test_sales_of_the_platform(day: dt.date, expected: bool) -> None:
    assert bool(platform_sales([day])[0]) is expected


def test_the_lunar_year_moves_the_festival() -> None:
    days = {year: dt.date(year, 1, 31) for year in (2025, 2026)}
    assert festival_factor([days[2025]])[0] == HOLIDAY
    assert festival_factor([days[2026]])[0] != HOLIDAY
