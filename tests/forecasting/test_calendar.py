import datetime as dt
from itertools import pairwise

import chinese_calendar
import numpy as np
import pandas as pd
import pytest

from forecasting.calendar import EVENTS, Event, calendar_features, is_day_off, is_make_up_workday, marked_days


def names_on(day: str) -> set[object]:
    date = dt.date.fromisoformat(day)
    return {mark["name_zh"] for mark in marked_days(date, date)}


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2024-02-10", "春节"),
        ("2025-01-29", "春节"),
        ("2026-02-17", "春节"),
        ("2027-02-06", "春节"),
        ("2025-01-20", None),
        ("2026-01-25", "年货节"),
        ("2026-06-18", "618"),
        ("2026-11-11", "双11"),
        ("2026-12-12", "双12"),
        ("2026-10-03", "国庆节"),
        ("2026-03-08", "38 女王节"),
        ("2026-05-20", "520"),
        ("2025-05-31", "端午节"),
        ("2026-09-25", "中秋节"),
        ("2025-04-04", "清明节"),
        ("2026-04-05", "清明节"),
        ("2026-08-28", "开学季（秋）"),
        ("2026-01-01", "元旦"),
        ("2026-07-15", None),
    ],
)
def test_known_days_carry_their_name(day: str, name: str | None) -> None:
    assert name in names_on(day) if name else "春节" not in names_on(day)


def test_an_ordinary_day_has_no_mark() -> None:
    assert marked_days(dt.date(2026, 7, 14), dt.date(2026, 7, 17)) == []


def test_marks_are_in_order_bilingual_and_of_known_kinds() -> None:
    marks = marked_days(dt.date(2025, 1, 1), dt.date(2026, 12, 31))
    days = [mark["day"] for mark in marks]
    assert days == sorted(days)  # type: ignore[type-var]
    assert {mark["kind"] for mark in marks} == {"promotion", "festival", "season", "workday"}
    assert all(mark["name_zh"] and mark["name_en"] for mark in marks)
    assert {mark["name_zh"] for mark in marks} >= {event.name_zh for event in EVENTS}


def test_a_festival_over_new_year_is_found_from_both_sides() -> None:
    spring = [
        m["day"] for m in marked_days(dt.date(2027, 1, 1), dt.date(2027, 3, 1)) if m["name_zh"] == "春节"
    ]
    assert (spring[0], spring[-1]) == (dt.date(2027, 2, 5), dt.date(2027, 2, 12))


def test_make_up_workdays_come_from_the_official_list() -> None:
    assert is_make_up_workday(dt.date(2025, 1, 26))
    assert not is_day_off(dt.date(2025, 1, 26))
    assert "调休上班" in names_on("2025-01-26")
    assert not is_make_up_workday(dt.date(2025, 1, 19))


def test_days_off_are_official_where_known_and_by_rule_after() -> None:
    assert is_day_off(dt.date(2025, 10, 8))
    assert is_day_off(dt.date(2040, 10, 1))
    assert is_day_off(dt.date(2040, 10, 6))
    assert not is_day_off(dt.date(2040, 10, 15))
    assert not is_make_up_workday(dt.date(2040, 10, 13))


def test_features_follow_the_week_and_the_year() -> None:
    days = pd.date_range("2026-01-01", periods=400)
    features = calendar_features(days)
    assert len(features) == 400
    assert np.allclose(features["week_sin1"][:100], features["week_sin1"][7:107])
    assert np.allclose(features.filter(regex="_sin") ** 2 + features.filter(regex="_cos").to_numpy() ** 2, 1)
    assert features.to_numpy().max() <= 1.0
    assert features.to_numpy().min() >= -1.0


def test_windows_rise_before_and_fall_after() -> None:
    features = calendar_features(pd.date_range("2026-10-25", "2026-11-25"))
    features.index = pd.date_range("2026-10-25", "2026-11-25")
    assert features.loc["2026-11-09":"2026-11-11", "double11"].tolist() == [1, 1, 1]  # type: ignore[misc]
    before = features.loc["2026-10-28":"2026-11-08", "double11_before"]  # type: ignore[misc]
    assert before.is_monotonic_increasing
    assert before.iloc[-1] == 1.0
    assert features.loc["2026-11-12", "double11_after"] == 1.0
    assert features.loc["2026-11-13", "double11_after"] < 1.0
    assert features.loc["2026-10-25", "double11_before"] == 0.0


def test_of_ordinary_days_only_the_week_and_the_year_speak() -> None:
    days = pd.date_range("2026-09-25", periods=20)
    features = calendar_features(days, tuple((day.date(), False) for day in days))
    waves = features.columns.str.startswith(("week_", "year_"))
    assert features.loc[:, ~waves].drop(columns="off").to_numpy().sum() == 0
    assert features["off"].sum() == 6


def test_only_the_forced_day_changes() -> None:
    days = pd.date_range("2026-07-13", periods=7)
    usual, forced = calendar_features(days), calendar_features(days, ((dt.date(2026, 7, 15), True),))
    changed = (usual != forced).to_numpy().nonzero()
    assert set(changed[0]) == {2}
    assert list(usual.columns[changed[1]]) == ["off", "off_workday"]


def test_rows_follow_the_order_given() -> None:
    days = pd.DatetimeIndex(["2026-11-11", "2026-07-14", "2026-02-17"])
    features = calendar_features(days)
    assert features["double11"].tolist() == [1, 0, 0]
    assert features["spring_festival"].tolist() == [0, 0, 1]


SPRING = {
    2015: "02-19", 2016: "02-08", 2017: "01-28", 2018: "02-16", 2019: "02-05", 2020: "01-25", 2021: "02-12",
    2022: "02-01", 2023: "01-22", 2024: "02-10", 2025: "01-29", 2026: "02-17", 2027: "02-06", 2028: "01-26",
    2029: "02-13", 2030: "02-03",
}  # fmt: skip
MID_AUTUMN = {
    2019: "09-13",
    2020: "10-01",
    2021: "09-21",
    2022: "09-10",
    2023: "09-29",
    2024: "09-17",
    2027: "09-15",
}
DRAGON_BOAT = {
    2019: "06-07",
    2020: "06-25",
    2021: "06-14",
    2022: "06-03",
    2023: "06-22",
    2024: "06-10",
    2026: "06-19",
}


def first_day(key: str, year: int) -> dt.date:
    event = next(event for event in EVENTS if event.key == key)
    return event.span(year)[0]


@pytest.mark.parametrize(("year", "day"), SPRING.items())
def test_spring_festival_begins_on_the_eve(year: int, day: str) -> None:
    assert first_day("spring_festival", year) == dt.date.fromisoformat(f"{year}-{day}") - dt.timedelta(days=1)


@pytest.mark.parametrize(("year", "day"), MID_AUTUMN.items())
def test_mid_autumn_follows_the_moon(year: int, day: str) -> None:
    assert first_day("mid_autumn", year) == dt.date.fromisoformat(f"{year}-{day}")


@pytest.mark.parametrize(("year", "day"), DRAGON_BOAT.items())
def test_dragon_boat_follows_the_moon(year: int, day: str) -> None:
    assert first_day("dragon_boat", year) == dt.date.fromisoformat(f"{year}-{day}")


@pytest.mark.parametrize("year", range(2008, 2026))
def test_qingming_is_the_day_the_official_list_gives_it(year: int) -> None:
    assert chinese_calendar.is_holiday(first_day("qingming", year))
    assert chinese_calendar.get_holiday_detail(first_day("qingming", year))[1] == "Tomb-sweeping Day"


@pytest.mark.parametrize("year", range(2015, 2026))
def test_the_statutory_days_by_rule_are_off_in_the_official_list(year: int) -> None:
    for key, days in (("new_year", 1), ("spring_festival", 7), ("labour", 1), ("national_day", 6)):
        first = first_day(key, year)
        for offset in range(1 if key == "spring_festival" else 0, days):
            assert is_day_off(first + dt.timedelta(days=offset)), (key, year, offset)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2024-02-04", True),
        ("2024-02-18", True),
        ("2024-04-07", True),
        ("2024-04-28", True),
        ("2024-05-11", True),
        ("2024-09-14", True),
        ("2024-09-29", True),
        ("2024-10-12", True),
        ("2024-10-13", False),
        ("2025-02-08", True),
        ("2025-04-27", True),
        ("2025-09-28", True),
        ("2025-10-11", True),
        ("2025-10-12", False),
    ],
)
def test_make_up_workdays_of_two_years(day: str, works: bool) -> None:
    date = dt.date.fromisoformat(day)
    assert is_make_up_workday(date) is works
    assert is_day_off(date) is not works


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.key)
def test_every_event_is_one_during_and_zero_outside_its_window(event: Event) -> None:
    first, last = event.span(2025)
    days = pd.date_range(
        first - dt.timedelta(days=event.before + 3), last + dt.timedelta(days=event.after + 3)
    )
    features = calendar_features(days)
    during = (days >= pd.Timestamp(first)) & (days <= pd.Timestamp(last))
    assert np.array_equal(features[event.key] == 1, during)
    for side, length in (("before", event.before), ("after", event.after)):
        name = f"{event.key}_{side}"
        assert (name in features) == bool(length)
        if length:
            values = features[name]
            assert (values > 0).sum() == length
            assert values.max() == 1.0
            assert values.min() == 0.0


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.key)
def test_every_event_returns_each_year(event: Event) -> None:
    spans = [event.span(year) for year in range(2015, 2041)]
    assert all(first <= last for first, last in spans)
    gaps = [(after[0] - before[0]).days for before, after in pairwise(spans)]
    assert min(gaps) >= 350
    assert max(gaps) <= 385
