"""What is asked of a scenario, in the terms of the forecasters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from forecasting.remarks import Remark
from forecasting.scenario import Scenario
from workers.leases import HopelessError
from workers.reasons import RECENT_DAYS, Heard, Weights

_SPAN = ("from", "to")
_REVIEWS = "sentiment"


def scenario_of(
    wishes: Mapping[str, Any], columns: tuple[str, ...], heard: Heard | None
) -> tuple[Scenario, Weights]:
    """Translate a run's scenario: a discount scales the price, changed reviews change the past columns.

    Parameters
    ----------
    wishes
        `promo`, `price`, `discount`, `holiday`, `from`, `to`, and `sentiment`: a list of `aspect`,
        `polarity`, `change` (-0.3: three in ten reviews fewer).
    columns
        What the forecasters know ahead.
    heard
        The product's reviews, where `sentiment` is wished for.

    Returns
    -------
    Scenario, dict
        And what reviews count in it: id -> weight.
    """
    plain = {name: value for name, value in wishes.items() if name not in ("discount", _REVIEWS)}
    scenario = Scenario.from_json(plain, columns)
    if "discount" in wishes:
        off = Scenario.from_json({"price": {"scale": 1 - float(wishes["discount"])}})
        scenario = replace(scenario, changes=(*scenario.changes, *off.changes))
    if heard is None:
        return scenario, {}
    weights = _weights(wishes[_REVIEWS], heard)
    return replace(scenario, past=heard.without(weights)), weights


def _weights(changes: Iterable[Mapping[str, Any]], heard: Heard) -> Weights:
    weights: dict[int, float] = {}
    for wish in changes:
        ids = heard.about.get((wish["aspect"], wish["polarity"]), [])
        if not ids:
            raise HopelessError(_silent(wish["aspect"], wish["polarity"]))
        weights |= {id: weights.get(id, 1.0) * (1 + float(wish["change"])) for id in ids}
    return weights


def _silent(aspect: str, polarity: str) -> Remark:
    why = f"no review of the last {RECENT_DAYS} days is {polarity} about {aspect}"
    values = {"aspect": aspect, "polarity": polarity, "days": RECENT_DAYS}
    return Remark("no_such_reviews", f"the scenario changes nothing: {why}", **values)


def assumptions_of(wishes: Mapping[str, Any]) -> dict[str, str]:
    """Say of each column and of the reviews what the scenario assumes."""
    said = {
        "price" if name == "discount" else name: f"scenario: {name} {value}"
        for name, value in wishes.items()
        if name not in (*_SPAN, _REVIEWS)
    }
    reviews = [
        f"{wish['aspect']} {wish['polarity']} {wish['change']:+.0%}" for wish in wishes.get(_REVIEWS, ())
    ]
    return said | ({_REVIEWS: f"scenario: {', '.join(reviews)}"} if reviews else {})
