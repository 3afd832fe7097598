from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from storage.errors import BadCursor
from storage.paging import checked_limit, decode_cursor, encode_cursor, page_of


def test_a_cursor_brings_back_what_went_in() -> None:
    moment, id = datetime(2026, 11, 11, 0, 0, 0, 123456, tzinfo=UTC), uuid4()
    cursor = encode_cursor(moment, id, 7, "双11")
    assert decode_cursor(cursor, datetime.fromisoformat, UUID, int, str) == [moment, id, 7, "双11"]
    assert cursor.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "%%%",
        "e30",
        encode_cursor("no number"),
        encode_cursor(1, 2),
        encode_cursor(float("inf")),
        "é",
    ],
)
def test_a_made_up_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor):
        decode_cursor(cursor, int)


def test_the_extra_row_only_tells_that_more_follow() -> None:
    page = page_of([1, 2, 3], 2, lambda row: (row,))
    assert page.items == [1, 2]
    assert decode_cursor(page.next, int) == [2]


def test_the_last_page_has_no_next() -> None:
    assert page_of([1, 2], 2, lambda row: (row,)).next is None
    assert page_of([], 2, lambda row: (row,)).items == []


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_limit_out_of_range_is_refused(limit: int) -> None:
    with pytest.raises(ValueError, match=str(limit)):
        checked_limit(limit)
