import pytest

from storage.models import Backtest
from tests.webapp.pages.factories import curve
from webapp.pages.residuals import residuals


def of(**changes: object) -> Backtest:
    return Backtest(cv=curve(**changes))


def test_the_mean_miss_has_an_interval_and_every_weekday_its_own(english: None) -> None:
    found = residuals(of())
    assert found is not None
    assert found.n == 42
    assert found.mean == pytest.approx((6 * 18 - 36 * 2) / 42)
    assert found.interval[0] < found.mean < found.interval[1]
    assert [(day.name, day.mean, day.n) for day in found.weekdays][4:6] == [
        ("Friday", 18.0, 6),
        ("Saturday", -2.0, 6),
    ]


def test_a_miss_each_week_is_seen_to_repeat_after_seven_days_and_not_after_one(english: None) -> None:
    found = residuals(of())
    assert found is not None
    tomorrow, week = found.echoes
    assert (tomorrow.lag, tomorrow.repeats) == (1, False)
    assert (week.lag, week.repeats) == (7, True)
    assert week.correlation == pytest.approx(35 / 42, abs=0.02)
    assert week.bound == pytest.approx(1.96 / 42**0.5, abs=0.001)


def test_the_histogram_holds_every_day_once(english: None) -> None:
    found = residuals(of())
    assert found is not None
    [bars] = found.histogram["series"]
    assert sum(bars["data"]) == 42
    assert (bars["data"][0], bars["data"][-1]) == (36, 6)
    assert len(found.by_day["x"]) == 42


def test_misses_that_are_all_alike_have_no_correlation(english: None) -> None:
    found = residuals(of(y=50.0))
    assert found is not None
    assert (found.mean, found.echoes) == (8.0, [])
    assert sum(found.histogram["series"][0]["data"]) == 42


@pytest.mark.parametrize(
    "backtest", [None, Backtest(cv=[]), Backtest(cv=curve(y=None)), Backtest(cv=curve(7, 1))]
)
def test_few_known_days_say_nothing(english: None, backtest: Backtest | None) -> None:
    assert residuals(backtest) is None
