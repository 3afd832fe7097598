"""The days of the shopping year, counted for whole years."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pytest

from demo.festivals import HOLIDAY, RUSH, SLUMP, festival_factor, platform_sales

YEARS = (2024, 2025, 2026)
NEW_YEARS = {2024: dt.date(2024, 2, 10), 2025: dt.date(2025, 1, 29), 2026: dt.date(2026, 2, 17)}
NEW_YEARS |= {2027: dt.date(2027, 2, 6), 2028: dt.date(2028, 1, 26)}


def year_of(year: int) -> list[dt.date]:
    first = dt.date(year, 1, 1)
    return [first + dt.timedelta(days=n) for n in range((dt.date(year + 1, 1, 1) - first).days)]


def on_sale(year: int, months: Sequence[int]) -> set[tuple[int, int]]:
    days = [day for day in year_of(year) if day.month in months]
    return {(day.month, day.day) for day, sale in zip(days, platform_sales(days), strict=True) if sale}


def with_factor(year: int, factor: float) -> set[dt.date]:
    days = year_of(year)
    return {day for day, found in zip(days, festival_factor(days), strict=True) if found == factor}


@pytest.mark.parametrize("year", YEARS)
def test_618_has_an_opening_and_a_main_sale(year: int) -> None:
    assert on_sale(year, [6]) == {(6, day) for day in (1, 2, 3, 15, 16, 17, 18, 19, 20)}


@pytest.mark.parametrize("year", YEARS)
def test_double_eleven_has_two_waves(year: int) -> None:
    november = {(11, day) for day in (1, 2, 3, 8, 9, 10, 11)}
    assert on_sale(year, [10, 11]) == {(10, 31)} | november


@pytest.mark.parametrize("year", YEARS)
def test_double_twelve_lasts_three_days(year: int) -> None:
    assert on_sale(year, [12]) == {(12, 10), (12, 11), (12, 12)}


@pytest.mark.parametrize("year", YEARS)
def test_no_sale_in_the_quiet_months(year: int) -> None:
    assert on_sale(year, [4, 5, 7, 8]) == set()


@pytest.mark.parametrize(("year", "new_year"), NEW_YEARS.items())
def test_the_spring_festival_is_ten_days_around_the_new_year(year: int, new_year: dt.date) -> None:
    expected = {new_year + dt.timedelta(days=n) for n in range(-4, 6)}
    assert with_factor(year, HOLIDAY) == expected


@pytest.mark.parametrize("year", [2024, 2025, 2026, 2027])
def test_the_sale_before_the_new_year_lasts_two_weeks_and_ends_before_the_holiday(year: int) -> None:
    days = [NEW_YEARS[year] + dt.timedelta(days=n) for n in range(-30, 1)]
    sale = [day for day, found in zip(days, platform_sales(days), strict=True) if found]
    assert len(sale) == 14
    assert (NEW_YEARS[year] - sale[-1]).days == 15
    assert not set(sale) & with_factor(year, HOLIDAY)


@pytest.mark.parametrize("year", YEARS)
def test_each_sale_has_one_rush_inside_it(year: int) -> None:
    rush = sorted(with_factor(year, RUSH))
    fixed = [(3, 8), (6, 1), (6, 18), (9, 9), (11, 1), (11, 11), (12, 12)]
    assert [(day.month, day.day) for day in rush[1:]] == fixed
    assert rush[0] == NEW_YEARS[year] - dt.timedelta(days=25)
    assert platform_sales(rush).all()


@pytest.mark.parametrize("year", YEARS)
def test_a_slump_follows_a_sale_and_is_never_in_one(year: int) -> None:
    slump = sorted(with_factor(year, SLUMP))
    assert not platform_sales(slump).any()
    assert {dt.date(year, 6, day) for day in (21, 22, 23, 24)} <= set(slump)
    assert dt.date(year, 6, 25) not in slump
    # four days between the waves of 双11, and four after it
    assert {day.day for day in slump if day.month == 11} == {4, 5, 6, 7, 12, 13, 14, 15}


@pytest.mark.parametrize("year", YEARS)
def test_an_ordinary_day_has_no_factor(year: int) -> None:
    factors = festival_factor(year_of(year))
    assert set(factors) == {HOLIDAY, SLUMP, 1.0, RUSH}
    assert (factors == 1.0).mean() > 0.8


def test_days_are_judged_one_by_one() -> None:
    days = year_of(2026)
    shuffled = np.random.default_rng(0).permutation(len(days))
    mixed = [days[place] for place in shuffled]
    assert (festival_factor(mixed) == festival_factor(days)[shuffled]).all()
    assert (platform_sales(mixed) == platform_sales(days)[shuffled]).all()
