from datetime import date

import pytest

from storage.scenarios import Seen, Talk
from webapp.pages.wished import wished
from webapp.pages.wishes import MOST_ASPECTS, read_scenario, review_sliders

SEEN = Seen(price_low=40.0, price_high=60.0, price_last=49.9, promo_low=0.0, promo_high=1.0)
AHEAD = (date(2026, 11, 21), date(2026, 12, 4))


@pytest.mark.parametrize(
    "form",
    [
        {"price": "-20"},
        {"price": "12.5"},
        {"promo": "on", "from": "2026-11-21", "to": "2026-11-25"},
        {"promo": "off"},
        {"reviews:negative:物流": "-30", "reviews:positive:质量": "150"},
        {},
    ],
)
def test_the_fields_are_what_was_typed(english: None, form: dict[str, str]) -> None:
    assert wished(read_scenario(form, SEEN), SEEN, AHEAD) == form


def test_days_that_are_over_and_a_price_that_nobody_knows_are_left_out() -> None:
    nothing = Seen(None, None, None, None, None)
    asked = {"price": 55.0, "promo": 0.0, "from": "2026-11-20", "to": "2026-11-25"}
    assert wished(asked, nothing, AHEAD) == {"promo": "off", "to": "2026-11-25"}
    assert wished(asked, nothing, None) == {"promo": "off"}


def test_what_was_asked_has_a_slider_however_little_is_said_of_it(english: None) -> None:
    talks = [Talk(f"方面{n}", "negative", 20 - n, 1, 30) for n in range(MOST_ASPECTS + 2)]
    names = [one.name for one in review_sliders(talks, {"reviews:negative:方面7": "5"})]
    assert len(names) == MOST_ASPECTS + 1
    assert names[-1] == "reviews:negative:方面7"
