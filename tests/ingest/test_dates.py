from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ingest.dates import day, moment
from ingest.values import Refused

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 11, 12, 30, 5, tzinfo=SHANGHAI)


def code_of(cell: Any) -> str:
    with pytest.raises(Refused) as caught:
        moment(SHANGHAI)(cell)
    with pytest.raises(Refused) as again:
        day(SHANGHAI)(cell)
    assert caught.value.code == again.value.code
    return caught.value.code


@pytest.mark.parametrize(
    "cell",
    [
        "2026-11-11 12:30:05",
        "2026-11-11T12:30:05",
        "2026/11/11 12:30:05",
        "2026.11.11 12:30:05",
        "2026年11月11日 12:30:05",
        "2026年11月11日12时30分05秒",
        "2026-11-11T04:30:05Z",
        "2026-11-11T12:30:05+08:00",
        "2026-11-11 12:30:05.000",
        "20261111123005",
        "２０２６-11-11 12:30:05",
        " 2026-11-11  12:30:05 ",
        datetime(2026, 11, 11, 12, 30, 5),
        datetime(2026, 11, 11, 4, 30, 5, tzinfo=UTC),
    ],
)
def test_ways_to_write_a_moment(cell: Any) -> None:
    assert moment(SHANGHAI)(cell) == NOON


@pytest.mark.parametrize(
    "cell",
    [
        "2026-11-11",
        "2026/11/11",
        "2026.11.11",
        "2026年11月11日",
        "20261111",
        "2026-11-11 23:59",
        "46337",
        "46337.5",
        46337,
        46337.0,
        date(2026, 11, 11),
        datetime(2026, 11, 11, 23, 59),
    ],
)
def test_ways_to_write_a_day(cell: Any) -> None:
    assert day(SHANGHAI)(cell) == date(2026, 11, 11)


def test_days_and_months_without_a_leading_zero() -> None:
    assert day(SHANGHAI)("2026-1-5") == date(2026, 1, 5)
    assert moment(SHANGHAI)("2026/1/5 8:05") == datetime(2026, 1, 5, 8, 5, tzinfo=SHANGHAI)


def test_a_day_in_another_zone_is_the_shops_day() -> None:
    assert day(SHANGHAI)("2026-11-10T23:00:00Z") == date(2026, 11, 11)
    assert day(SHANGHAI)("2026-11-11T00:30:00+14:00") == date(2026, 11, 10)


def test_a_moment_keeps_its_own_zone_and_fraction() -> None:
    read = moment(SHANGHAI)("2026-11-11 12:30:05.123456-05:30")
    assert read == datetime(2026, 11, 11, 12, 30, 5, 123456, tzinfo=timezone(-timedelta(hours=5, minutes=30)))


def test_a_moment_without_a_zone_is_in_the_zone_given() -> None:
    utc = moment(ZoneInfo("UTC"))("2026-11-11 12:30:05")
    assert utc - moment(SHANGHAI)("2026-11-11 12:30:05") == timedelta(hours=8)


def test_serials_of_the_1904_system() -> None:
    assert day(SHANGHAI, epoch=datetime(1904, 1, 1))(44875) == date(2026, 11, 11)


@pytest.mark.parametrize("cell", ["", "-", "NULL"])
def test_nothing(cell: str) -> None:
    assert moment(SHANGHAI)(cell) is None
    assert day(SHANGHAI)(cell) is None


@pytest.mark.parametrize(
    "cell",
    [
        "2025-02-30",
        "2025-13-01",
        "20250230",
        "2025年2月30日",
        "2026-11-11 25:00:00",
        "2026/2/1 10:61",
        "2026-11-11 12:30:05+99:00",
    ],
)
def test_dates_that_do_not_exist(cell: str) -> None:
    assert code_of(cell) == "no_such_date"


@pytest.mark.parametrize(
    "cell",
    [
        "昨天",
        "11/11/2026",
        "2026",
        "2026-11",
        "1762819200",
        "1762819200000",
        "12345",
        1e9,
        True,
        [],
        "2026-W46-3",
        "2026-11-11 " * 9,
        1e400,
    ],
)
def test_what_is_not_a_date(cell: Any) -> None:
    assert code_of(cell) == "not_a_date"


@pytest.mark.parametrize(
    "cell", ["1989-12-31", "2100-01-01", "0001-01-01", datetime(1, 1, 1), date(9999, 12, 31)]
)
def test_years_out_of_range(cell: Any) -> None:
    assert code_of(cell) == "date_out_of_range"
