from reports.trend import trend_of
from tests.reports.factories import figures


def test_sales_forecast_and_band_lie_in_the_box() -> None:
    drawn = trend_of(figures(), 900, 300)
    points = [*drawn.sales[0], *drawn.forecast, *drawn.band]
    assert len(drawn.sales[0]) == 90
    assert (len(drawn.forecast), len(drawn.band)) == (14, 28)
    assert all(0 <= x <= 900 and 0 <= y <= 300 for x, y in points)
    assert drawn.sales[0][0][0] == 0
    assert drawn.forecast[-1][0] == 900


def test_an_unknown_day_interrupts_the_line() -> None:
    days = figures()["days"]
    days[40][1] = None
    assert [len(line) for line in trend_of(figures(days=days), 9, 3).sales] == [40, 49]


def test_nothing_is_drawn_of_nothing() -> None:
    assert trend_of(figures(days=[], forecast=None), 9, 3).empty
    assert not trend_of(figures(), 9, 3).empty


def test_zero_is_on_the_ground() -> None:
    days = [[*day[:1], 0.0, *day[2:]] for day in figures()["days"]]
    drawn = trend_of(figures(days=days, forecast=None), 9, 3)
    assert {y for line in drawn.sales for _, y in line} == {3}
