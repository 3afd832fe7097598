from datetime import date, timedelta
from typing import Any

from storage.overview import Kpis, Period
from webapp.pages.kpi import Card, cards
from webapp.pages.outlook import Outlook

END = date(2026, 11, 20)


def period(back: int = 0, **values: Any) -> Period:
    end = END - timedelta(days=30 * back)
    counts = {"reviews": 200, "scored": 200, "positive": 120, "negative": 40, "neutral": 30, "uncertain": 10}
    means = {"rating_mean": 4.2, "units": 1000.0, "revenue": None}
    return Period(**{"start": end - timedelta(days=29), "end": end} | counts | means | values)


def shown(
    now: Period, before: Period, ahead: Outlook | None = None, stockout_days: int = 0
) -> dict[str, Card]:
    return {card.name: card for card in cards(Kpis(now, before), ahead, stockout_days)}


AHEAD = Outlook(14, 560.0, 430.0, 700.0, 500.0, END + timedelta(days=1), END + timedelta(days=14))


def test_every_figure_has_a_change_and_what_it_rests_on(english: None) -> None:
    found = shown(period(), period(1, units=800.0, positive=100), AHEAD)
    assert list(found) == [
        "Units sold",
        "Next 14 days",
        "Reviews",
        "Net sentiment",
        "Positive reviews",
        "Negative reviews",
    ]
    assert all(card.change and card.note for card in found.values())
    assert found["Units sold"].figure == "1,000"
    assert found["Units sold"].change.text == "+25.0%"  # type: ignore[union-attr]
    assert found["Next 14 days"].figure == "560"
    assert found["Next 14 days"].note == "80% band 430 – 700\n14 days before: 500"
    assert found["Net sentiment"].figure == "+40.0"
    assert found["Positive reviews"].figure == "60.0%"
    assert found["Positive reviews"].note.splitlines()[1:] == [
        "n = 200",
        "Before: 50.0% (n = 200)",
    ]


def test_sentiment_is_better_or_worse_and_never_red_or_green(english: None) -> None:
    found = shown(period(positive=90, negative=60), period(1))
    assert found["Positive reviews"].tone == "worse"
    assert found["Negative reviews"].change.direction == "up"  # type: ignore[union-attr]
    assert found["Negative reviews"].tone == "worse"
    assert found["Net sentiment"].tone == "worse"
    assert found["Units sold"].tone == found["Reviews"].tone == ""
    assert shown(period(), period(1))["Negative reviews"].tone == ""


def test_without_data_a_card_says_what_is_missing(english: None) -> None:
    nothing = {"reviews": 0, "scored": 0, "positive": 0, "negative": 0, "units": None}
    found = shown(period(**nothing), period(1, **nothing))
    assert found["Units sold"].figure == "—"
    assert found["Next 14 days"].note == "No forecast yet"
    assert found["Net sentiment"].note == found["Positive reviews"].note == "No scored review"
    assert all(card.change is None for card in found.values())


def test_stock_outs_are_named(english: None) -> None:
    assert shown(period(), period(1), stockout_days=3)["Units sold"].note.endswith("3 days out of stock")


def test_large_figures_are_counted_in_ten_thousands(chinese: None) -> None:
    assert shown(period(units=123456.0), period(1))["销量"].figure == "12.3万"


def test_a_rival_is_called_by_its_name(english: None) -> None:
    found = {card.name: card for card in cards(Kpis(period(), period(units=9.0)), None, 0, against="锅")}
    assert found["Units sold"].note == "锅: 9"
    assert found["Negative reviews"].note.endswith("锅: 20.0% (n = 200)")
