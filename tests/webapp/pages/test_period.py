from datetime import date

import pytest

from storage.models import MarkedDay
from webapp.pages.period import Period, festivals, read_period

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
    period = read_period({"days": name}, FIRST, LAST)
    assert period == Period(name, start, LAST)
    assert period.days == days


@pytest.mark.parametrize(
    "args",
    [
        {},
        {"days": ""},
        {"days": "31"},
        {"days": "'; DROP"},
        {"from": "x"},
        {"from": "2026-11-21", "to": "2026-11-30"},
        {"from": "2026-11-02", "to": "2026-11-01"},
        {"festival": "双11"},
    ],
)
def test_anything_else_is_thirty_days(args: dict[str, str]) -> None:
    assert read_period(args, FIRST, LAST).name == "30"


@pytest.mark.parametrize(
    ("args", "start", "end"),
    [
        ({"from": "2026-11-01", "to": "2026-11-05"}, date(2026, 11, 1), date(2026, 11, 5)),
        ({"from": "2026-11-01", "days": "7"}, date(2026, 11, 1), LAST),
        ({"from": "1999-01-01", "to": "2999-01-01"}, FIRST, LAST),
    ],
)
def test_own_days_are_cut_to_the_data(args: dict[str, str], start: date, end: date) -> None:
    period = read_period(args, FIRST, LAST)
    assert (period.name, period.start, period.end) == ("custom", start, end)
    assert period.args == {"from": start.isoformat(), "to": end.isoformat()}


def marks(name: str, *days: date, kind: str = "promotion") -> list[MarkedDay]:
    return [MarkedDay(day=day, name_zh=name, name_en=f"{name} (en)", kind=kind) for day in days]


def test_of_a_festival_the_newest_run_of_days_is_offered(english: None) -> None:
    known = [
        *marks("双11", date(2025, 11, 10), date(2025, 11, 11), date(2026, 11, 10), date(2026, 11, 11)),
        *marks("双12", date(2025, 12, 12), date(2026, 12, 12)),
        *marks("年货节", date(2027, 1, 5)),
        *marks("春节", date(2026, 2, 17), kind="festival"),
    ]
    eleven, twelve = festivals(known, FIRST, LAST)
    assert (eleven.name, eleven.start, eleven.end) == ("双11 (en)", date(2026, 11, 10), date(2026, 11, 11))
    assert eleven.before == (date(2025, 11, 10), date(2025, 11, 11))
    assert (twelve.code, twelve.start) == ("双12", date(2025, 12, 12))
    period = read_period({"festival": "双11"}, FIRST, LAST, [eleven, twelve])
    assert (period.start, period.days, period.args) == (date(2026, 11, 10), 2, {"festival": "双11"})


def test_a_festival_under_way_ends_with_the_data(english: None) -> None:
    [found] = festivals(marks("双11", *(date(2026, 11, day) for day in range(19, 24))), FIRST, LAST)
    assert read_period({"festival": "双11"}, FIRST, LAST, [found]).end == LAST


def test_all_of_a_single_day() -> None:
    assert read_period({"days": "all"}, LAST, LAST).days == 1
