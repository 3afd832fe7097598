from datetime import date, timedelta

import pytest

from storage.overview import DayPoint
from webapp.pages.outlook import Outlook
from webapp.pages.stock import stock_risk

LAST = date(2026, 11, 20)
AHEAD = Outlook(14, 560.0, 430.0, 700.0, 500.0, LAST + timedelta(days=1), LAST + timedelta(days=14))


def days(empty: set[int], count: int = 56, stockout: float | None = 0.0) -> list[DayPoint]:
    return [
        DayPoint(
            day=LAST - timedelta(days=back),
            units=1.0,
            revenue=None,
            price=None,
            promo=None,
            stockout=1.0 if back in empty else stockout,
            reviews=0,
            positive=0,
            negative=0,
            score_mean=None,
            sentiment_7=None,
        )
        for back in reversed(range(count))
    ]


@pytest.fixture(autouse=True)
def _reader(english: None) -> None:
    """Somebody reads in English."""


def test_days_out_of_stock_are_counted_over_four_weeks() -> None:
    card = stock_risk(days({3, 4, 5, 30}), LAST, AHEAD)
    assert card.figure == "3/28"
    assert card.change is not None
    assert (card.change.direction, card.tone) == ("up", "worse")
    assert card.note.splitlines() == [
        "days without stock, of the last 28",
        "95% interval 4% to 27%",
        "Before: 1/28",
        "Up to 700 needed (80%)",
        "Stock level unknown",
    ]


def test_what_is_missing_is_said() -> None:
    assert stock_risk([], None, None).note == "No sales yet"
    card = stock_risk(days(set(), stockout=None), LAST, AHEAD)
    assert card.figure == "—"
    assert card.note.startswith("The sales have no column for days out of stock.")


def test_a_short_history_has_nothing_before() -> None:
    card = stock_risk(days({0}, count=10), LAST, None)
    assert (card.figure, card.change) == ("1/10", None)
