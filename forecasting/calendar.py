"""The calendar of a Chinese shop: festivals by lunar rule, shopping festivals, 调休 and public holidays."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import chinese_calendar
import numpy as np
import numpy.typing as npt
import pandas as pd
from chinese_calendar import constants
from lunardate import LunarDate

DAY = dt.timedelta(days=1)
DaysOff = tuple[tuple[dt.date, bool], ...]
OFFICIAL_YEARS = range(min(constants.holidays).year, max(constants.holidays).year + 1)
_OUTSIDE = 10_000


@dataclass(frozen=True)
class Event:
    """A marked span of days, and how far shoppers feel it before and after.

    Parameters
    ----------
    key : str
        Name used for features.
    name_zh, name_en : str
        Names shown to people.
    kind : str
        ``"promotion"``, ``"festival"`` or ``"season"``.
    span : callable
        Year -> first and last day.
    before, after : int
        Days of the window around the span.
    """

    key: str
    name_zh: str
    name_en: str
    kind: str
    span: Callable[[int], tuple[dt.date, dt.date]]
    before: int = 0
    after: int = 0


def _solar(
    month: int, day: int, last_month: int = 0, last_day: int = 0
) -> Callable[[int], tuple[dt.date, dt.date]]:
    return lambda year: (dt.date(year, month, day), dt.date(year, last_month or month, last_day or day))


def _lunar(month: int, day: int, first: int = 0, last: int = 0) -> Callable[[int], tuple[dt.date, dt.date]]:
    def span(year: int) -> tuple[dt.date, dt.date]:
        anchor = LunarDate(year, month, day).to_solar_date()
        return anchor + first * DAY, anchor + last * DAY

    return span


def _qingming(year: int) -> tuple[dt.date, dt.date]:
    # The usual 21st-century approximation of the solar term's day in April.
    day = dt.date(year, 4, int((year % 100) * 0.2422 + 4.81) - (year % 100) // 4)
    return day, day


EVENTS = (
    Event("new_year", "元旦", "New Year", "festival", _solar(1, 1), 2, 2),
    Event("nianhuo", "年货节", "New Year Shopping Festival", "promotion", _lunar(1, 1, -28, -10)),
    Event("spring_festival", "春节", "Spring Festival", "festival", _lunar(1, 1, -1, 6), 9, 10),
    Event("lantern", "元宵节", "Lantern Festival", "festival", _lunar(1, 15), 2, 1),
    Event("valentine", "情人节", "Valentine's Day", "festival", _solar(2, 14), 5, 1),
    Event("spring_term", "开学季（春）", "Back to School (spring)", "season", _solar(2, 20, 3, 5)),
    Event("queen", "38 女王节", "Women's Day Sale", "promotion", _solar(3, 5, 3, 8), 3, 2),
    Event("qingming", "清明节", "Qingming Festival", "festival", _qingming, 2, 2),
    Event("labour", "劳动节", "Labour Day", "festival", _solar(5, 1, 5, 5), 3, 3),
    Event("love", "520", "520 Love Day", "promotion", _solar(5, 20), 5, 1),
    Event("dragon_boat", "端午节", "Dragon Boat Festival", "festival", _lunar(5, 5), 3, 2),
    Event("618", "618", "618 Shopping Festival", "promotion", _solar(6, 16, 6, 18), 15, 7),
    Event("qixi", "七夕", "Qixi Festival", "festival", _lunar(7, 7), 4, 1),
    Event("autumn_term", "开学季（秋）", "Back to School (autumn)", "season", _solar(8, 20, 9, 5)),
    Event("mid_autumn", "中秋节", "Mid-Autumn Festival", "festival", _lunar(8, 15), 7, 2),
    Event("national_day", "国庆节", "National Day", "festival", _solar(10, 1, 10, 7), 4, 4),
    Event("double11", "双11", "Double 11", "promotion", _solar(11, 9, 11, 11), 12, 7),
    Event("double12", "双12", "Double 12", "promotion", _solar(12, 11, 12, 12), 5, 4),
)


@lru_cache(maxsize=64)
def _spans(year: int) -> tuple[tuple[Event, dt.date, dt.date], ...]:
    return tuple((event, *event.span(year)) for event in EVENTS)


def _is_official(day: dt.date) -> bool:
    return day.year in OFFICIAL_YEARS


def is_day_off(day: dt.date) -> bool:
    """Tell whether most of China has the day off.

    The State Council's list answers where it is known. Elsewhere weekends and the statutory festivals count,
    and nobody is assumed to make up for them on a weekend.
    """
    if _is_official(day):
        return bool(chinese_calendar.is_holiday(day))
    statutory = {
        "new_year",
        "spring_festival",
        "qingming",
        "labour",
        "dragon_boat",
        "mid_autumn",
        "national_day",
    }
    return day.weekday() >= 5 or any(
        first <= day <= last for event, first, last in _spans(day.year) if event.key in statutory
    )


def is_make_up_workday(day: dt.date) -> bool:
    """Tell whether the day is a weekend on which people work (调休)."""
    return _is_official(day) and day.weekday() >= 5 and bool(chinese_calendar.is_workday(day))


def marked_days(start: dt.date, end: dt.date) -> list[dict[str, object]]:
    """List the days worth marking on a chart, in order.

    Parameters
    ----------
    start, end : date
        First and last day, both included.

    Returns
    -------
    list of dict
        ``day`` (date), ``name_zh``, ``name_en``, ``kind``: ``promotion``, ``festival``, ``season`` or
        ``workday`` (调休). A day in two events has two entries.
    """
    return sorted(_marks(start, end), key=lambda mark: (str(mark["day"]), str(mark["name_en"])))


def _marks(start: dt.date, end: dt.date) -> Iterator[dict[str, object]]:
    for year in range(start.year - 1, end.year + 2):
        for event, first, last in _spans(year):
            for day in _each_day(max(first, start), min(last, end)):
                yield {"day": day, "name_zh": event.name_zh, "name_en": event.name_en, "kind": event.kind}
    for day in _each_day(start, end):
        if is_make_up_workday(day):
            yield {"day": day, "name_zh": "调休上班", "name_en": "Make-up workday", "kind": "workday"}


def _each_day(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    for offset in range((last - first).days + 1):
        yield first + offset * DAY


def calendar_features(ds: pd.DatetimeIndex, forced: DaysOff = ()) -> pd.DataFrame:
    """Describe days by week, year and what is going on.

    Parameters
    ----------
    ds : DatetimeIndex
        n days.
    forced : tuple of (date, bool)
        Days that are taken for a day off (true) or for one of an ordinary week, without events (false).

    Returns
    -------
    DataFrame
        n rows in the order given: ``week_*`` (three harmonics) and ``year_*`` (two harmonics) as sine and
        cosine, ``off`` (day off), ``off_workday`` (a weekday off), ``on_weekend`` (调休), and per event the
        share of its window that a day stands for: ``X_before`` rises to 1 on the eve, ``X`` is 1 during,
        ``X_after`` falls from 1.
    """
    columns: dict[str, object] = {}
    for name, phase, harmonics in (
        ("week", ds.day_of_week / 7, 3),
        ("year", (ds.day_of_year - 1) / 365.25, 2),
    ):
        for k in range(1, harmonics + 1):
            columns[f"{name}_sin{k}"] = np.sin(2 * np.pi * k * phase)
            columns[f"{name}_cos{k}"] = np.cos(2 * np.pi * k * phase)
    dates = [stamp.date() for stamp in ds]
    weekend = np.asarray(ds.day_of_week >= 5)
    wish = dict(forced)
    ordinary = np.array([wish.get(day) is False for day in dates], dtype=bool)
    off = np.array([wish.get(day) or is_day_off(day) for day in dates], dtype=bool)
    off = np.where(ordinary, weekend, off)
    columns |= {"off": off, "off_workday": off & ~weekend, "on_weekend": ~off & weekend}
    for event in EVENTS:
        columns |= _window(event, dates, ordinary)
    return pd.DataFrame(columns, dtype=float)


def _window(event: Event, dates: list[dt.date], ordinary: npt.NDArray[np.bool_]) -> dict[str, object]:
    until, since = np.full(len(dates), _OUTSIDE), np.full(len(dates), _OUTSIDE)
    years = {day.year + shift for day in dates for shift in (-1, 0, 1)}
    ordinals = np.array([day.toordinal() for day in dates])
    for year in sorted(years):
        first, last = event.span(year)
        near = (ordinals >= first.toordinal() - event.before) & (ordinals <= last.toordinal() + event.after)
        near &= ~ordinary
        until[near] = np.maximum(first.toordinal() - ordinals[near], 0)
        since[near] = np.maximum(ordinals[near] - last.toordinal(), 0)
    columns: dict[str, object] = {event.key: (until == 0) & (since == 0)}
    if event.before:
        columns[f"{event.key}_before"] = np.where(
            (until > 0) & (until < _OUTSIDE), 1 - (until - 1) / event.before, 0
        )
    if event.after:
        columns[f"{event.key}_after"] = np.where(
            (since > 0) & (since < _OUTSIDE), 1 - (since - 1) / event.after, 0
        )
    return columns
