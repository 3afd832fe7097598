from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.days import read_days, refuse_other_frequencies
from forecasting.errors import PanelError


def rows(days: Sequence[object], uid: str = "b") -> pd.DataFrame:
    return pd.DataFrame({"unique_id": uid, "ds": pd.Series(days, dtype=object)})


@pytest.mark.parametrize(
    "days",
    [
        ["2026-01-05", "2026-01-13"],
        ["2026/1/5", "2026/1/13"],
        ["20260105", 20260113],
        ["2026年1月5日", "2026年01月13日"],
        ["2026-01-05 00:00:00", "2026-01-13T00:00"],
        ["5/1/2026", "13/1/2026"],
        ["01-05-2026", "01-13-2026"],
        [pd.Timestamp("2026-01-05"), pd.Timestamp("2026-01-13").date()],
        [np.datetime64("2026-01-05"), " 2026-01-13 "],
    ],
)
def test_a_day_may_be_written_in_many_ways(days: list[object]) -> None:
    read = read_days(rows(days))
    assert read.dtype == "datetime64[ns]"
    assert read.tolist() == [pd.Timestamp("2026-01-05"), pd.Timestamp("2026-01-13")]


@pytest.mark.parametrize(
    ("days", "message"),
    [
        (["2026-02-30"], "is not a date in 1 rows of b, first b on 2026-02-30"),
        ([None], "is not a date in 1 rows of b"),
        (["2026-01-05", "Monday"], "is not a date in 1 rows of b, first b on Monday"),
        (["26-01-05"], "is not a date"),
        ([1767571200], "is not a date"),
        (["5/1/2026", "6/1/2026"], "may have the day or the month first, write 2026-01-31, in 2 rows of b"),
        (["13/1/2026", "1/13/2026"], "may have the day or the month first"),
        (["2026-01-05 12:30"], "holds a time of day"),
        (["2206-01-05"], "is not between 1901 and 2098"),
        (
            ["2026-01-05"] * 3 + ["1926-01-06"],
            "1098 days from all other days in 1 rows of b, first b on 1926",
        ),
        (["2026-01-05", "2026-01-06T00:00:00+08:00"], "mixes days with and without a time zone.*1 rows of b"),
        (["2026-01-05", "2026-01-06T00:00Z"], "mixes days with and without a time zone"),
        (["2026-01-05T00:00+08:00", "2026-01-06T00:00+09:00"], "must hold days without a time zone.*2 rows"),
    ],
)
def test_what_is_no_day_is_refused_by_name(days: list[object], message: str) -> None:
    with pytest.raises(PanelError, match=message):
        read_days(rows(days))


def test_zoned_timestamps_among_plain_ones_name_their_series() -> None:
    plain = rows(list(pd.date_range("2026-01-05", periods=3)), "a")
    zoned = rows(list(pd.date_range("2026-01-05", periods=3, tz="Asia/Shanghai")), "b")
    with pytest.raises(PanelError, match=r"mixes days with and without a time zone.*in 3 rows of b, first b"):
        read_days(pd.concat([plain, zoned], ignore_index=True))
    with pytest.raises(PanelError, match="must hold days without a time zone"):
        read_days(zoned.assign(ds=pd.to_datetime(zoned["ds"])))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dates(date(2024, 1, 1), date(2026, 12, 31)), min_size=1))
def test_text_is_read_as_the_day_it_names(days: list[object]) -> None:
    frame = rows([str(day) for day in days])
    assert read_days(frame).tolist() == [pd.Timestamp(str(day)) for day in days]


def calendar(freq: str, periods: int, uid: str = "b") -> pd.DataFrame:
    return pd.DataFrame({"unique_id": uid, "ds": pd.date_range("2026-01-05", periods=periods, freq=freq)})


DAILY = calendar("D", 90, "a")


@pytest.mark.parametrize(
    ("freq", "name"),
    [
        ("7D", "weekly"),
        ("W-SUN", "weekly"),
        ("MS", "monthly"),
        ("ME", "monthly"),
        ("QS", "months apart"),
        ("QE", "months apart"),
        ("14D", "14 days apart"),
        ("10D", "10 days apart"),
    ],
)
def test_weeks_and_months_among_days_are_refused(freq: str, name: str) -> None:
    odd = calendar(freq, 8)
    with pytest.raises(PanelError, match=f"^mixed frequencies: rows are {name} in b, expected a row a day"):
        refuse_other_frequencies(pd.concat([DAILY, odd], ignore_index=True))


@pytest.mark.parametrize(("freq", "name"), [("7D", "weekly"), ("MS", "monthly")])
def test_with_a_row_left_out_they_are_still_refused(freq: str, name: str) -> None:
    odd = calendar(freq, 12).drop(index=[3, 7])
    with pytest.raises(PanelError, match=f"{name} in b"):
        refuse_other_frequencies(odd)


def test_goods_that_sell_now_and_then_are_daily() -> None:
    rng = np.random.default_rng(0)
    parts = []
    for number in range(300):
        sold = np.sort(rng.choice(365, size=rng.integers(1, 20), replace=False))
        days = pd.Timestamp("2026-01-05") + pd.to_timedelta(sold, unit="D")
        parts.append(pd.DataFrame({"unique_id": str(number), "ds": days}))
    refuse_other_frequencies(
        pd.concat([*parts, calendar("7D", 5), calendar("MS", 4, "c")], ignore_index=True)
    )
