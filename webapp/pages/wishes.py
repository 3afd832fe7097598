"""The form that asks "what if": its sliders with what was seen, and the scenario that comes of it."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from marshmallow import ValidationError

from storage.scenarios import Seen, Talk
from webapp.api.forecasts import ScenarioSchema
from webapp.pages.format import grouped
from webapp.pages.names import driver

PRICE = (-50, 50)
REVIEWS = (-100, 200)
STEP = {"price": 1, "reviews": 5}
MOST_ASPECTS = 6
ABOUT = "reviews:"


@dataclass(frozen=True)
class Slider:
    """A change in per cent from `low` to `high`.

    Attributes
    ----------
    seen
        The range of history in the same per cent, None where there is none.
    said
        That range in words.
    bar
        x and width of the seen range in a drawing 100 wide.
    """

    name: str
    label: str
    low: int
    high: int
    step: int
    seen: tuple[float, float] | None
    said: str

    @property
    def bar(self) -> tuple[float, float] | None:
        """Where the seen range lies on the slider."""
        if self.seen is None:
            return None
        kept = (min(max(end, self.low), self.high) for end in self.seen)
        across = [(end - self.low) / (self.high - self.low) for end in kept]
        return round(across[0] * 100, 1), round(max(across[1] - across[0], 0.01) * 100, 1)


def price_slider(seen: Seen) -> Slider | None:
    """Return the slider of the price; None where no price is known."""
    last, low, high = seen.price_last, seen.price_low, seen.price_high
    if not last or low is None or high is None:
        return None
    said = _(
        "from the last sold price ¥%(last)s; sold at ¥%(low)s to ¥%(high)s",
        last=grouped(last, 2),
        low=grouped(low, 2),
        high=grouped(high, 2),
    )
    ends = (_change(low, last), _change(high, last))
    return Slider("price", driver("price"), *PRICE, STEP["price"], ends, said)


def review_sliders(talks: Sequence[Talk], asked: Collection[str] = ()) -> list[Slider]:
    """Return a slider per aspect that recent reviews blame or praise, the most spoken of first.

    Parameters
    ----------
    asked
        Names of fields that were asked about: these have a slider, however little is said of them.
    """
    made = [_about(talk) for talk in talks]
    return made[:MOST_ASPECTS] + [one for one in made[MOST_ASPECTS:] if one.name in asked]


def _about(talk: Talk) -> Slider:
    ends, said = None, _("%(n)s reviews in four weeks", n=talk.count)
    if talk.low < talk.high:  # one window of four weeks is no range
        ends = (_change(talk.low, talk.count), _change(talk.high, talk.count))
        said = _(
            "%(n)s reviews in four weeks, seen %(low)s to %(high)s",
            n=talk.count,
            low=talk.low,
            high=talk.high,
        )
    name = f"{ABOUT}{talk.polarity}:{talk.category}"
    label = driver(f"sentiment:{talk.category}", talk.polarity)
    return Slider(name, label, *REVIEWS, STEP["reviews"], ends, said)


def read_scenario(form: Mapping[str, str], seen: Seen) -> dict[str, Any]:
    """Turn the form into the scenario of a run; empty where nothing is different.

    Raises
    ------
    ValueError
        A field holds what cannot be meant; the message is for the reader.
    """
    wish = dict(_days_wish(form, seen))
    if wish:
        wish |= dict(_span(form))
    reviews = list(_reviews(form))
    if reviews:
        wish["sentiment"] = reviews
    try:
        read: dict[str, Any] = ScenarioSchema().dump(ScenarioSchema().load(wish))
    except ValidationError as error:
        said = _("That is no change that could be forecast: %(fields)s.", fields=_fields(error))
        raise ValueError(said) from error
    return read


def _days_wish(form: Mapping[str, str], seen: Seen) -> Iterator[tuple[str, Any]]:
    percent = _number(form, "price")
    if percent < 0:
        yield "discount", round(-percent / 100, 4)
    elif percent > 0 and seen.price_last:
        yield "price", round(seen.price_last * (1 + percent / 100), 2)
    if form.get("promo") in ("on", "off"):
        yield "promo", 1.0 if form["promo"] == "on" else 0.0


def _span(form: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    days = {name: form[name] for name in ("from", "to") if form.get(name)}
    try:
        first, last = (date.fromisoformat(days[name]) if name in days else None for name in ("from", "to"))
    except ValueError as error:
        raise ValueError(_("Days look like 2026-11-11.")) from error
    if first and last and first > last:
        raise ValueError(_("The first day lies after the last."))
    yield from days.items()


def _reviews(form: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for name in form:
        if name.startswith(ABOUT) and (percent := _number(form, name)):
            polarity, _colon, aspect = name.removeprefix(ABOUT).partition(":")
            yield {"aspect": aspect, "polarity": polarity, "change": round(percent / 100, 4)}


def _number(form: Mapping[str, str], name: str) -> float:
    said = _("A change is a number in per cent, such as -20.")
    try:
        value = float(form.get(name) or 0)
    except ValueError as error:
        raise ValueError(said) from error
    if not math.isfinite(value):
        raise ValueError(said)
    return value


def _fields(error: ValidationError) -> str:
    found = error.messages
    return ", ".join(driver(name) for name in found) if isinstance(found, dict) else str(found)


def _change(value: float, against: float) -> float:
    return (value / against - 1) * 100
