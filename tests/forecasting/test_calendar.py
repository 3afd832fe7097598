import datetime as dt

import numpy as np
import pandas as pd
import pytest

from forecasting.calendar import EVENTS, calendar_features, is_day_off, is_make_up_workday, marked_days


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


def test_without_events_only_the_week_and_the_year_speak() -> None:
    features = calendar_features(pd.date_range("2026-09-25", periods=20), events=False)
    waves = features.columns.str.startswith(("week_", "year_"))
    assert features.loc[:, ~waves].drop(columns="off").to_numpy().sum() == 0
    assert features["off"].sum() == 6


def test_rows_follow_the_order_given() -> None:
    days = pd.DatetimeIndex(["2026-11-11", "2026-07-14", "2026-02-17"])
    features = calendar_features(days)
    assert features["double11"].tolist() == [1, 0, 0]
    assert features["spring_festival"].tolist() == [0, 0, 1]
