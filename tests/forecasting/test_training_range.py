import json

import numpy as np
import pytest

from forecasting.training_range import outside

HISTORY = np.array([[45.0, 60.0, 80.0, 70.0, 50.0, 55.0], [30.0, 35.0, 41.0, 90.0, 33.5, np.nan]])


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (39.0, "price 39 is below every value seen of A (45 … 80)"),
        (29.0, "price 29 is below every value seen of A (45 … 80), and of all others"),
        (81.0, "price 81 is above every value seen of A (45 … 80)"),
        (45.0, ""),
        (61.5, ""),
        (np.nan, ""),
    ],
)
def test_values_never_seen_are_said(value: float, said: str) -> None:
    values = np.array([[60.0, value]])
    assert (outside("price", values, HISTORY, ("A", "B"), [0]) or "") == said


def test_a_program_gets_code_and_values() -> None:
    low, new = (
        outside("price", np.array([29.0]), HISTORY, ("A", "B"), [0]),
        outside("promo", np.array([0.5]), np.array([[0.0, 1.0]]), ("A",), [0]),
    )
    assert low is not None
    assert new is not None
    facts = {"column": "price", "value": 29.0, "of": "A", "everywhere": True, "low": 45.0, "high": 80.0}
    assert (low.code, json.loads(json.dumps(low.values))) == ("below_seen", facts)
    assert (new.code, new.values) == ("never_seen", {"column": "promo", "value": 0.5, "seen": [0.0, 1.0]})


def test_a_series_without_history_is_compared_with_the_others() -> None:
    history = np.where([[False], [True]], HISTORY, np.nan)
    assert "A (30 … 90)" in (outside("price", np.array([95.0]), history, ("A", "B"), [0]) or "")
    assert outside("price", np.array([80.0]), history, ("A", "B"), [0]) is None
    assert outside("price", np.array([80.0]), np.full((2, 3), np.nan), ("A", "B"), [0]) is None


def test_a_code_between_codes_was_never_seen() -> None:
    flags = np.array([[0.0, 1.0, 0.0]])
    assert outside("promo", np.array([0.5]), flags, ("A",), [0]) == "promo 0.5 was never seen, only 0, 1"
    assert outside("promo", np.array([1.0]), flags, ("A",), [0]) is None
