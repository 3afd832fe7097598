"""What a driver of a forecast belongs to, for people who count season, price and promotion."""

from collections.abc import Mapping
from typing import Any

Drivers = list[dict[str, Any]]
TREND, HOLIDAY, SENTIMENT = "trend", "holiday", "sentiment"
OWN = {
    "weekday": "season",
    "season": "season",
    TREND: TREND,
    "shopping_festival": "promotion",
    HOLIDAY: HOLIDAY,
}
"""Drivers that are no column."""

WORDS = {
    "price": ("price", "价"),
    "promotion": ("promo", "discount", "coupon", "campaign", "促销", "大促", "折", "券"),
    HOLIDAY: ("holiday", "festival", "节", "假"),
    SENTIMENT: ("sentiment", "negative_share", "positive_share"),
}
"""Parts of a column's name, and the group they speak for; the first that fits counts."""


def group_of(name: str) -> str:
    """Return the group of a driver; a column whose name says nothing is a group of its own.

    The others are season, trend, promotion, price, holiday and sentiment.

    >>> [group_of(name) for name in ("weekday", "promo_price", "school_holiday", "sentiment:物流", "weather")]
    ['season', 'price', 'holiday', 'sentiment', 'weather']
    """
    found = (group for group, words in WORDS.items() if any(word in name.lower() for word in words))
    return OWN.get(name) or next(found, name)


def driver(name: str, effect: float) -> dict[str, Any]:
    """Return a driver as ``name``, ``group`` and ``effect``."""
    return {"name": name, "group": group_of(name), "effect": float(effect)}


def drivers_of(effects: Mapping[str, float]) -> Drivers:
    """List effects by name as drivers, the largest first, without zeros."""
    ordered = sorted(effects.items(), key=lambda item: -abs(item[1]))
    return [driver(name, effect) for name, effect in ordered if effect != 0.0]
