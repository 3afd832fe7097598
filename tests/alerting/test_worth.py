import numpy as np
import pytest

from alerting import Rule, effect, signals, strength, units_lost
from tests.alerting.factories import quiet, step

N = 200
DRIVERS = [
    {"name": "sentiment:物流", "effect": -30.0, "polarity": "negative"},
    {"name": "sentiment:物流", "effect": 12.0, "polarity": "positive"},
    {"name": "sentiment:other", "effect": -2.0},
    {"name": "promo", "effect": -99.0},
]


def lost(kind: str, aspect: str = "", verdict: str | None = "helps", **columns: object) -> float | None:
    days = quiet(**columns)
    rule = Rule(kind, aspect=aspect)
    [signal] = signals(rule, days)
    return units_lost(rule, signal, days, DRIVERS, verdict)


def test_sales_below_the_band_lose_the_distance_from_the_forecast() -> None:
    assert lost("below_band", units=step(N, 20, 9, N - 7)) == pytest.approx((20 - 9) * 14)


def test_a_falling_forecast_loses_what_it_falls_by_and_a_rising_one_nothing() -> None:
    assert lost("forecast_falls", ahead=step(N, 280, 100, N - 1)) == pytest.approx(180)
    assert lost("forecast_falls", ahead=step(N, 280, 400, N - 1)) is None
    assert lost("forecast_rises", ahead=step(N, 280, 400, N - 1)) is None


def test_empty_shelves_lose_the_usual_sales_of_their_days() -> None:
    empty = step(N, 0, 1, N - 3)
    assert lost("stockout", stockout=empty, units=20 * (1 - empty)) == pytest.approx(20 * 3 / 7 * 14)
    assert lost("stockout", stockout=np.ones(N)) is None, "nobody knows what would have been sold"


def test_complaints_lose_what_the_forecast_says_where_reviews_help_it() -> None:
    assert lost("negative_share") == pytest.approx(30 - 12 + 2)
    assert lost("aspect_complaints", "物流", **{"complaints:物流": np.ones(N)}) == pytest.approx(30)
    assert lost("aspect_complaints", "包装", **{"complaints:包装": np.ones(N)}) is None
    for verdict in ("none", "harms", None):
        assert lost("negative_share", verdict=verdict) is None


def test_strength_is_in_standard_errors_or_relative() -> None:
    [weak] = signals(Rule("negative_share"), quiet(negative=step(N, 1, 2, N - 7)))
    [strong] = signals(Rule("negative_share"), quiet(negative=step(N, 1, 5, N - 7)))
    assert 1 < strength(weak) < strength(strong)
    [falls] = signals(Rule("forecast_falls"), quiet(ahead=step(N, 280, 140, N - 1)))
    assert strength(falls) == pytest.approx(0.5)


def test_the_effect_of_a_fix_has_an_interval() -> None:
    days = quiet(negative=step(N, 4, 1, 101))
    found = effect(days, "negative", 100)
    assert found is not None
    assert (found["before"], found["after"], found["days"]) == (0.4, 0.1, 28)
    assert (found["n_before"], found["n_after"]) == (280, 280)
    assert found["high"] < 0
    assert effect(days, "negative", N - 1) is None, "no day after it yet"
