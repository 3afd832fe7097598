"""Reviews: written some days after the purchase, with stars that mostly agree."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from demo.complaints import Complaints
from demo.items import Item
from demo.phrases import EMPTY, TEMPLATE_ENDS, TEMPLATES, Polarity
from demo.texts import Writer

_STARS: dict[Polarity, tuple[float, ...]] = {
    "positive": (0.0, 0.005, 0.025, 0.17, 0.8),
    "neutral": (0.02, 0.08, 0.55, 0.25, 0.1),
    "negative": (0.62, 0.24, 0.1, 0.02, 0.02),
}
_NEUTRAL_SHARE = 0.08
_EMPTY_SHARE = 0.02
_TOPIC_SHARE = 0.85  # of complaints in an episode that name the smell
_USERS = 6_000
_SUSPECT_REVIEWS, _SUSPECT_USERS, _SUSPECT_DAYS = 60, 5, 3
SUSPECT_BEFORE_END = 33
COLUMNS = [
    "review_id",
    "product_id",
    "created_at",
    "text",
    "rating",
    "user_id",
    "source",
    "sku",
    "purchased_at",
    "channel",
]


def product_reviews(
    item: Item,
    days: Sequence[dt.date],
    units: NDArray[np.int64],
    complaints: Complaints,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return a product's reviews in order of purchase, without ids.

    Parameters
    ----------
    item : Item
    days : sequence of date, length n
    units : ndarray of shape (n,)
        Sold per day.
    complaints : Complaints
        Shares by day of arrival.
    rng : numpy.random.Generator
    """
    bought = np.repeat(np.arange(len(days)), rng.binomial(units, item.per_unit))
    arrived = bought + 2 + rng.negative_binomial(3, 0.45, len(bought))
    seen = arrived < len(days)
    bought, arrived = bought[seen], arrived[seen]
    share = complaints.negative_share[arrived]
    drawn = rng.random(len(arrived))
    writer = Writer(item.aspects, rng)
    rows = []
    for place, negative, draw in zip(arrived, share, drawn, strict=True):
        polarity: Polarity = "positive"
        if draw < negative:
            polarity = "negative"
        elif draw < negative + _NEUTRAL_SHARE * (1 - negative):
            polarity = "neutral"
        in_episode = complaints.intensity[place] > 0.2 and item.role == "smell"
        rows.append(_words(writer, polarity, in_episode, rng))
    frame = pd.DataFrame(rows, columns=["text", "rating"])
    frame.insert(0, "product_id", item.product_id)
    frame["created_at"] = _moments(days, arrived, rng)
    frame["purchased_at"] = _moments(days, bought, rng)
    frame["user_id"] = [f"u{n:05d}" for n in rng.integers(0, _USERS, len(rows))]
    frame["sku"] = [item.skus[i] for i in rng.integers(0, len(item.skus), len(rows))]
    return frame


def suspect_burst(item: Item, days: Sequence[dt.date], rng: np.random.Generator) -> pd.DataFrame:
    """Return the planted burst: near-duplicates, five stars, a few users, three days."""
    first = len(days) - SUSPECT_BEFORE_END
    places = np.sort(rng.integers(first, first + _SUSPECT_DAYS, _SUSPECT_REVIEWS))
    users = rng.integers(_USERS, _USERS + 999, _SUSPECT_USERS)
    texts = [
        TEMPLATES[int(rng.integers(len(TEMPLATES)))].format(
            TEMPLATE_ENDS[int(rng.integers(len(TEMPLATE_ENDS)))]
        )
        for _ in places
    ]
    return pd.DataFrame(
        {
            "product_id": item.product_id,
            "text": texts,
            "rating": 5,
            "created_at": _moments(days, places, rng),
            "purchased_at": _moments(days, places - 2, rng),
            "user_id": [f"u{users[i]:05d}" for i in rng.integers(0, _SUSPECT_USERS, len(places))],
            "sku": item.skus[0],
        }
    )


def numbered(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Join reviews, order them by arrival, and give ids."""
    joined = pd.concat(frames, ignore_index=True)
    joined = joined.sort_values(["created_at", "product_id", "user_id"], kind="stable", ignore_index=True)
    joined["review_id"] = [f"R{n:06d}" for n in range(1, len(joined) + 1)]
    joined["source"] = "演示"
    joined["channel"] = "App"
    return joined


def _words(writer: Writer, polarity: Polarity, in_episode: bool, rng: np.random.Generator) -> tuple[str, int]:
    stars = int(rng.choice(5, p=_STARS[polarity])) + 1
    if polarity == "positive" and rng.random() < _EMPTY_SHARE:
        return EMPTY, 5
    topic = None
    if polarity == "negative" and in_episode and rng.random() < _TOPIC_SHARE:
        topic = "气味"
    return writer.write(polarity, topic), stars


def _moments(days: Sequence[dt.date], places: NDArray[np.int64], rng: np.random.Generator) -> list[str]:
    seconds = (rng.beta(4, 2.2, len(places)) * 86_399).astype(int)
    return [
        f"{days[place]} {second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
        for place, second in zip(places, seconds, strict=True)
    ]
