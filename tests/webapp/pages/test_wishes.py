import pytest

from storage.scenarios import Seen, Talk
from webapp.pages.wishes import price_slider, read_scenario, review_sliders

SEEN = Seen(price_low=40.0, price_high=60.0, price_last=50.0, promo_low=0.0, promo_high=1.0)
NOTHING = Seen(None, None, None, None, None)


def test_a_slider_shows_what_was_seen(english: None) -> None:
    slider = price_slider(SEEN)
    assert slider is not None
    assert slider.seen == pytest.approx((-20.0, 20.0))
    assert slider.bar == (30.0, 40.0)
    assert slider.said == "from the last sold price ¥50.00; sold at ¥40.00 to ¥60.00"
    assert price_slider(NOTHING) is None


def test_an_aspect_has_a_slider_of_its_reviews(english: None) -> None:
    [slider] = review_sliders([Talk("物流", "negative", count=20, low=10, high=90)])
    assert (slider.name, slider.label) == ("reviews:negative:物流", "物流 blamed")
    assert slider.seen == pytest.approx((-50.0, 350.0))
    assert slider.bar == pytest.approx((16.7, 83.3))
    [young] = review_sliders([Talk("物流", "negative", count=20, low=20, high=20)])
    assert (young.seen, young.bar, young.said) == (None, None, "20 reviews in four weeks")


def test_a_cheaper_price_is_a_discount_and_a_higher_one_a_price(english: None) -> None:
    assert read_scenario({"price": "-20"}, SEEN) == {"discount": 0.2}
    assert read_scenario({"price": "10"}, SEEN) == {"price": 55.0}
    assert read_scenario({"price": "10"}, NOTHING) == {}


def test_promotion_and_days_go_together(english: None) -> None:
    days = {"from": "2026-11-21", "to": "2026-11-25"}
    assert read_scenario({"promo": "on", **days}, SEEN) == {"promo": 1.0, **days}
    assert read_scenario({"promo": "off"}, SEEN) == {"promo": 0.0}
    assert read_scenario({"promo": "", "price": "0", **days}, SEEN) == {}


def test_reviews_change_by_aspect(english: None) -> None:
    form = {"reviews:negative:物流": "-30", "reviews:positive:质量": "0", "price": ""}
    wish = {"aspect": "物流", "polarity": "negative", "change": -0.3}
    assert read_scenario(form, SEEN) == {"sentiment": [wish]}


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"price": "much"}, "A change is a number in per cent"),
        ({"promo": "on", "from": "tomorrow"}, "Days look like"),
        ({"promo": "on", "from": "2026-11-25", "to": "2026-11-21"}, "lies after the last"),
        ({"price": "-150"}, "no change that could be forecast: Discount"),
        ({"reviews:angry:物流": "10"}, "no change that could be forecast"),
        ({"price": "nan"}, "A change is a number in per cent"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(english: None, form: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_scenario(form, SEEN)
