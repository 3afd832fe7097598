from datetime import datetime

import pytest

from ingest import Refusal
from ingest.rows import SHOWN, shown


def test_a_refusal_says_why_in_both_languages() -> None:
    refusal = Refusal(3, "评分", "7", "rating_out_of_range")
    assert refusal.reason() == "评分应在 1 到 5 之间"
    assert refusal.reason("en") == "a rating is between 1 and 5"


def test_a_refusal_is_rebuilt_from_its_four_values() -> None:
    refusal = Refusal(3, "", "x", "undecodable:41")
    again = Refusal(refusal.line, refusal.column, refusal.value, refusal.code)
    assert again.reason("en") == "holds a byte that cannot be decoded (byte 41 of the file)"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("好😀", "好😀"),
        ("a\0b", "a\\0b"),
        ("a\udcff", "a\\udcff"),
        (7, "7"),
        ([1], "[1]"),
        (datetime(2026, 11, 1), "2026-11-01"),
        (datetime(2026, 11, 1, 9, 30), "2026-11-01 09:30:00"),
        ("x" * 999, "x" * SHOWN),
    ],
)
def test_shown_can_be_stored(value: object, expected: str) -> None:
    assert shown(value) == expected


def test_shown_stays_short_when_it_escapes() -> None:
    assert len(shown("\udcff" * 999)) <= SHOWN
    assert len(shown("\0" * 999)) <= SHOWN
