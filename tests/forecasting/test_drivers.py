import pytest

from forecasting.drivers import drivers_of, group_of


@pytest.mark.parametrize(
    ("driver", "group"),
    [
        ("weekday", "season"),
        ("season", "season"),
        ("trend", "trend"),
        ("shopping_festival", "promotion"),
        ("promo", "promotion"),
        ("Discount_depth", "promotion"),
        ("促销", "promotion"),
        ("price", "price"),
        ("promo_price", "price"),
        ("折后价", "price"),
        ("holiday", "holiday"),
        ("state_holiday", "holiday"),
        ("sentiment", "sentiment"),
        ("sentiment:物流", "sentiment"),
        ("negative_share_28", "sentiment"),
        ("weather", "weather"),
        ("views", "views"),
    ],
)
def test_a_driver_belongs_to_what_people_count(driver: str, group: str) -> None:
    assert group_of(driver) == group


def test_drivers_come_with_their_group_the_largest_first_and_without_zeros() -> None:
    assert drivers_of({"price": -3.0, "weekday": 5.0, "promo": 0.0}) == [
        {"name": "weekday", "group": "season", "effect": 5.0},
        {"name": "price", "group": "price", "effect": -3.0},
    ]
