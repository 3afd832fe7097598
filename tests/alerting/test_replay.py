import numpy as np
import pytest

from alerting import Rule, replay
from alerting.replay import starts
from tests.alerting.factories import START, quiet, step

N = 200


def test_a_spell_is_one_alarm_until_a_week_of_silence() -> None:
    fires = np.zeros(40, bool)
    fires[[3, 4, 9, 16, 17, 25]] = True
    assert starts(fires) == [3, 25]


def test_a_rise_that_stays_is_a_true_alarm_and_one_that_goes_is_false() -> None:
    stays = quiet(negative=step(N, 1, 5, 100, 130))
    goes = quiet(negative=step(N, 1, 8, 100, 102))
    found = replay(Rule("negative_share"), {1: stays, 2: goes})
    assert {(alarm.product_id, alarm.was_false) for alarm in found.alarms} == {(1, False), (2, True)}
    assert all(
        START.toordinal() + 99 <= alarm.day.toordinal() <= START.toordinal() + 103 for alarm in found.alarms
    )


def test_a_rise_that_goes_was_true_all_the_same_when_sales_fell() -> None:
    goes = quiet(negative=step(N, 1, 8, 100, 102), units=step(N, 20, 12, 101))
    [alarm] = replay(Rule("negative_share"), {1: goes}).alarms
    assert alarm.was_false is False


def test_sales_that_fall_for_want_of_stock_prove_nothing() -> None:
    goes = quiet(negative=step(N, 1, 8, 100, 102), units=step(N, 20, 12, 101), stockout=step(N, 0, 1, 101))
    [alarm] = replay(Rule("negative_share"), {1: goes}).alarms
    assert alarm.was_false is True


def test_falling_sales_do_not_prove_a_rising_forecast_right() -> None:
    wrong = quiet(ahead=step(N, 280, 500, 100, 101), units=step(N, 20, 10, 101))
    [alarm] = replay(Rule("forecast_rises"), {1: wrong}).alarms
    assert alarm.was_false is True


def test_an_alarm_of_this_week_is_not_judged_yet() -> None:
    found = replay(Rule("negative_share"), {1: quiet(negative=step(N, 1, 6, N - 3))})
    assert [alarm.was_false for alarm in found.alarms] == [None]
    assert (found.judged, found.false, found.false_share) == (0, 0, None)


def test_rates_are_per_product_and_month_of_the_days_looked_at() -> None:
    early, late = step(N, 1, 8, 60, 62), step(N, 1, 8, 150, 152)
    products = {1: quiet(negative=np.maximum(early, late)), 2: quiet()}
    found = replay(Rule("negative_share"), products, days=100)
    assert (found.products, found.days, len(found.alarms)) == (2, 100, 1), "the early one is not counted"
    assert found.per_month == pytest.approx(1 * 30 / (2 * 100))
    share, low, high = found.false_share or (0, 0, 0)
    assert (share, low < 1, high) == (1.0, True, pytest.approx(1.0))


def test_noise_alone_seldom_speaks_and_mostly_for_nothing() -> None:
    """Without any change the figure itself must say that the rule hears only chance: docs/alerts.md."""
    rng = np.random.default_rng(3)
    products = {id: quiet(400, negative=rng.binomial(10, 0.1, 400)) for id in range(40)}
    calm, nervous = (replay(Rule("negative_share", level), products) for level in (3, 5))
    assert calm.per_month < 0.15 < nervous.per_month
    assert nervous.false_share is not None
    assert 0.6 < nervous.false_share[0] < 0.8


def test_a_young_product_counts_from_its_first_day() -> None:
    late = np.where(np.arange(N) < 150, np.nan, 20.0)
    young = quiet(reviews=np.where(np.arange(N) < 150, 0, 10), units=late)
    found = replay(
        Rule("negative_share"),
        {1: young, 2: quiet(), 3: quiet(reviews=np.zeros(N), units=np.full(N, np.nan))},
    )
    assert (found.days, found.product_days) == (N, 50 + N)


def test_nothing_at_all() -> None:
    empty = replay(Rule("stockout"), {})
    assert (empty.per_month, empty.false_share, empty.alarms) == (0.0, None, ())
