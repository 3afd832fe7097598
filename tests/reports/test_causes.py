from reports.causes import cause, totals

SLOW = {"name": "物流", "group": "sentiment", "polarity": "negative", "effect": -3.0}
QUICK = SLOW | {"polarity": "positive", "effect": 1.0}


def test_columns_of_one_family_are_one_cause() -> None:
    assert (
        cause({"name": "reviews_7", "group": "reviews_7"}) == cause({"name": "reviews_28"}) == ("reviews", "")
    )
    assert cause({"name": "rating_mean"}) == ("rating", "")
    assert cause({"name": "promo", "group": "promotion"}) == ("promotion", "")


def test_blame_and_praise_of_an_aspect_stand_apart() -> None:
    assert totals([SLOW, QUICK, SLOW]) == {("物流", "negative"): -6.0, ("物流", "positive"): 1.0}


def test_the_strongest_comes_first_and_nothing_is_left_out_but_zero() -> None:
    drivers = [
        {"name": "week", "group": "season", "effect": 2.0},
        {"name": "year", "group": "season", "effect": -2.0},
        {"name": "promo", "group": "promotion", "effect": 1.0},
        {"name": "trend", "group": "trend", "effect": -4.0},
    ]
    assert list(totals(drivers).items()) == [(("trend", ""), -4.0), (("promotion", ""), 1.0)]
    assert totals(None) == {}
