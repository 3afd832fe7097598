"""What the form of a what-if holds beside an answer: the scenario that was asked, as its fields."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from storage.scenarios import Seen
from webapp.pages.wishes import ABOUT


def wished(scenario: Mapping[str, Any], seen: Seen, ahead: tuple[date, date] | None) -> dict[str, str]:
    """Return the fields of the form by name, the reverse of `webapp.pages.wishes.read_scenario`.

    Parameters
    ----------
    ahead
        First and last day that may be asked about now; a day asked before that is over is left out.

    Examples
    --------
    >>> wished({"discount": 0.2, "promo": 1.0}, Seen(40.0, 60.0, 50.0, 0.0, 1.0), None)
    {'price': '-20', 'promo': 'on'}
    """
    return dict(
        [*_price(scenario, seen), *_promotion(scenario), *_span(scenario, ahead), *_reviews(scenario)]
    )


def _price(scenario: Mapping[str, Any], seen: Seen) -> Iterator[tuple[str, str]]:
    if "discount" in scenario:
        yield "price", _percent(-scenario["discount"])
    elif "price" in scenario and seen.price_last:
        yield "price", _percent(scenario["price"] / seen.price_last - 1)


def _promotion(scenario: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "promo" in scenario:
        yield "promo", "on" if scenario["promo"] else "off"


def _span(scenario: Mapping[str, Any], ahead: tuple[date, date] | None) -> Iterator[tuple[str, str]]:
    for name in ("from", "to"):
        if name in scenario and ahead and ahead[0].isoformat() <= scenario[name] <= ahead[1].isoformat():
            yield name, scenario[name]


def _reviews(scenario: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for wish in scenario.get("sentiment", ()):
        yield f"{ABOUT}{wish['polarity']}:{wish['aspect']}", _percent(wish["change"])


def _percent(share: float) -> str:
    return f"{round(share * 100, 1):g}"
