from datetime import date
from typing import Any

import numpy as np

from alerting import Days

START = date(2026, 1, 1)


def quiet(days: int = 200, **columns: Any) -> Days:
    """A product with ten reviews a day, one of them bad, and 20 units a day; columns replace these."""
    plain = {
        "reviews": np.full(days, 10.0),
        "negative": np.full(days, 1.0),
        "positive": np.full(days, 7.0),
        "suspects": np.zeros(days),
        "units": np.full(days, 20.0),
        "stockout": np.zeros(days),
        "special": np.zeros(days),
        "yhat": np.full(days, 20.0),
        "low": np.full(days, 15.0),
        "ahead": np.full(days, 280.0),
    }
    given = {name: np.asarray(values, float) for name, values in columns.items()}
    special = np.concatenate([given.get("special", np.zeros(days)), np.zeros(14)])
    plain["special_ahead"] = np.array([special[day + 1 : day + 15].sum() for day in range(days)])
    return Days(START, plain | given)


def step(days: int, before: float, after: float, start: int, end: int | None = None) -> np.ndarray:
    """`before` on every day but those from `start` to `end`, which are `after`."""
    values = np.full(days, before)
    values[start:end] = after
    return values
