import numpy as np
import pandas as pd

from forecasting.day_design import FAR, calendar_of_days, days_until, runs


def calendar(first: str, days: int, ordinary: bool = False) -> pd.DataFrame:
    dates = pd.date_range(first, periods=days)
    wide = pd.date_range(dates[0] - pd.Timedelta(days=FAR), dates[-1] + pd.Timedelta(days=FAR))
    forced = tuple((day.date(), False) for day in wide if ordinary)
    found = {name: values[0] for name, values in calendar_of_days(dates, forced)}
    return pd.DataFrame(found, index=dates)


def test_the_golden_week_is_one_run_with_an_eve_and_make_up_days() -> None:
    days = calendar("2024-09-20", 30)
    assert days.loc["2024-10-01", "holiday:length"] == 7
    assert days.loc["2024-10-03", "holiday:place"] == 3
    assert days.loc["2024-09-30", "holiday:until"] == 1
    assert days.loc["2024-09-30", "holiday:off+1"] == 1
    assert days.loc["2024-10-08", "holiday:since"] == 1
    assert days.loc["2024-10-12", "holiday:make_up"] == 1
    assert days.loc["2024-10-12", "holiday:off+0"] == 0


def test_on_ordinary_days_only_weekends_are_off() -> None:
    days = calendar("2024-09-20", 30, ordinary=True)
    assert days["holiday:length"].max() == 2
    assert (days["holiday:until"] == FAR).all()
    assert not days["shopping_festival:which"].any()


def test_sales_festivals_have_a_number_and_a_phase() -> None:
    days = calendar("2024-10-25", 30)
    around = [days.loc[day] for day in ("2024-11-08", "2024-11-11", "2024-11-12")]
    which = [day["shopping_festival:which"] for day in around]
    phase = [day["shopping_festival:phase"] for day in around]
    assert which[0] == which[1] == which[2] > 0
    assert phase[0] < 0 < phase[1] < phase[2]


def test_days_are_counted_until_the_next_flag() -> None:
    flags = np.array([[False, False, True, False, False, True]])
    assert days_until(flags).tolist() == [[2, 1, 0, 2, 1, 0]]
    assert (days_until(np.zeros((2, 5), dtype=bool)) == FAR).all()


def test_runs_have_a_length_and_a_place() -> None:
    length, place = runs(np.array([True, True, False, True]))
    assert length.tolist() == [2, 2, 0, 1]
    assert place.tolist() == [1, 2, 0, 1]
