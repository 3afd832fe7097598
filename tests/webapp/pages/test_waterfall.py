import pytest

from webapp.pages.waterfall import MOST, POINT, waterfall


def test_bars_run_from_the_usual_level_to_the_total() -> None:
    rows = waterfall([{"name": "promo", "effect": 30.0}, {"name": "price", "effect": -50.0}], total=100.0)
    assert [(row.name, row.kind, row.value) for row in rows] == [
        ("usual", "level", 120.0),
        ("price", "down", -50.0),
        ("promo", "up", 30.0),
        ("ahead", "level", 100.0),
    ]


def test_each_bar_starts_where_the_one_before_ended() -> None:
    usual, price, promo, ahead = waterfall(
        [{"name": "promo", "effect": 30.0}, {"name": "price", "effect": -50.0}], total=100.0
    )
    assert price.x + price.width - POINT == pytest.approx(usual.x)
    assert promo.x == pytest.approx(price.x)
    assert promo.x + promo.width - POINT == pytest.approx(ahead.x, abs=0.02)
    assert promo.width < price.width


def test_nothing_leaves_the_drawing() -> None:
    for row in waterfall([{"name": str(n), "effect": (-1) ** n * n * 7.0} for n in range(1, 20)], 3.0):
        assert 0 <= row.x <= row.x + row.width <= 100.01


def test_weak_drivers_are_joined_and_nothing_is_lost() -> None:
    drivers = [{"name": f"d{n}", "effect": float(n)} for n in range(1, 12)]
    bars = waterfall(drivers, total=200.0)[1:-1]
    assert len(bars) == MOST
    assert bars[0].name == "d11"
    assert bars[-1].name == "others"
    assert sum(bar.value for bar in bars) == sum(d["effect"] for d in drivers)  # type: ignore[misc]


def test_a_group_is_one_bar_and_an_aspect_is_one_each() -> None:
    drivers = [
        {"name": "weekday", "group": "season", "effect": -3.0},
        {"name": "season", "group": "season", "effect": -4.0},
        {"name": "rating_mean_7", "group": "rating_mean_7", "effect": 1.0},
        {"name": "reviews_7", "group": "reviews_7", "effect": 2.0},
        {"name": "temperature", "effect": 0.5},
        {"name": "sentiment:物流", "group": "sentiment", "effect": -6.0, "polarity": "negative"},
        {"name": "sentiment:物流", "group": "sentiment", "effect": 3.0, "polarity": "positive"},
    ]
    bars = waterfall(drivers, total=10.0)[1:-1]
    assert [(bar.name, bar.polarity, bar.value) for bar in bars] == [
        ("season", "", -7.0),
        ("sentiment:物流", "negative", -6.0),
        ("sentiment:物流", "positive", 3.0),
        ("reviews", "", 2.0),
        ("rating", "", 1.0),
        ("temperature", "", 0.5),
    ]


@pytest.mark.parametrize(("drivers", "total"), [(None, 1.0), ([], 1.0), ([{"name": "a", "effect": 0}], 1.0)])
def test_no_effect_no_drawing(drivers: list[dict[str, object]] | None, total: float) -> None:
    assert waterfall(drivers, total) == []


def test_no_total_no_drawing() -> None:
    assert waterfall([{"name": "promo", "effect": 1.0}], None) == []


def test_reviews_stay_with_their_bar_and_with_those_that_are_joined() -> None:
    strong = [{"name": f"d{n}", "effect": 50.0 + n} for n in range(MOST - 2)]
    blamed = {"group": "sentiment", "polarity": "negative"}
    aspects = [
        blamed | {"name": "sentiment:物流", "effect": -9.0, "reviews": [3, 4]},
        blamed | {"name": "sentiment:质量", "effect": -2.0, "reviews": [5]},
        blamed | {"name": "sentiment:价格", "effect": -1.0, "reviews": [5, 6]},
    ]
    bars = waterfall([*strong, *aspects], total=200.0)
    assert {bar.name: bar.reviews for bar in bars if bar.reviews} == {
        "sentiment:物流": (3, 4),
        "others": (5, 5, 6),
    }
