from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ingest.identity import review_id

REVIEW: dict[str, Any] = {
    "product_id": "p1",
    "created_at": datetime(2026, 11, 11, 12, tzinfo=ZoneInfo("Asia/Shanghai")),
    "user_id": None,
    "text": "不错",
}


def test_the_same_review_has_the_same_id() -> None:
    assert review_id(REVIEW) == review_id(dict(REVIEW)) == "h-" + review_id(REVIEW)[2:]
    assert len(review_id(REVIEW)) == 34


def test_the_id_never_changes_between_versions() -> None:
    assert review_id(REVIEW) == "h-cc306db0f6dc1f77744207f1e497a7b5"


def test_the_moment_counts_and_not_its_zone() -> None:
    utc = {**REVIEW, "created_at": datetime(2026, 11, 11, 4, tzinfo=UTC)}
    assert review_id(utc) == review_id(REVIEW)


@pytest.mark.parametrize(
    "change",
    [
        {"product_id": "p2"},
        {"created_at": datetime(2026, 11, 11, 12, 0, 1, tzinfo=ZoneInfo("Asia/Shanghai"))},
        {"user_id": "u"},
        {"text": "不错。"},
    ],
)
def test_another_review_has_another_id(change: dict[str, Any]) -> None:
    assert review_id({**REVIEW, **change}) != review_id(REVIEW)
