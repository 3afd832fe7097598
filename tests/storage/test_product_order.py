from datetime import date, timedelta
from time import perf_counter
from typing import Any, get_args

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from storage import months
from storage.errors import BadCursor
from storage.paging import encode_cursor
from storage.product_order import Sort, Span, ordered_ids
from tests.storage.factories import analysis, make_products, make_reviews, make_sales, review_row

START = date(2026, 6, 8)
SPAN = Span(START, START + timedelta(days=1))
NAMES = [f"P{n}" for n in range(9)]
# Two days before the span and two in it: ties, values that are no round numbers, and products without any.
SOLD = {
    0: [1, 1, 0.1, 0.2],
    1: [1, 1, 0.2, 0.1],
    2: [0, 0, 5, 5],
    3: [5, 5, 0, 0],
    4: [3, 0, 1, 0],
    5: [3, 0, 1, 0],
}
SAID = {1: "positive", 2: "negative", 4: "positive", 6: "neutral", 7: "negative"}


@pytest.fixture
def ids(session: Session, workspace_id: int) -> list[int]:
    made = make_products(session, workspace_id, *NAMES, title="杯子")
    for place, units in SOLD.items():
        make_sales(session, workspace_id, made[place], SPAN.before, units)
    rows = [review_row(made[place], START, analysis=analysis(label)) for place, label in SAID.items()]
    make_reviews(session, workspace_id, rows)
    return made


def walk(session: Session, workspace_id: int, limit: int, **wanted: Any) -> list[int]:
    seen: list[int] = []
    cursor = None
    while True:
        page = ordered_ids(session, workspace_id, SPAN, cursor=cursor, limit=limit, **wanted)
        assert len(page.items) <= limit
        seen += page.items
        cursor = page.next
        if cursor is None:
            return seen


def test_the_days_before_are_as_many() -> None:
    assert SPAN.before == START - timedelta(days=2)


@pytest.mark.parametrize(
    ("sort", "rising", "valueless"),
    [
        ("units", [3, 0, 1, 4, 5, 2], [6, 7, 8]),
        ("change", [3, 0, 1, 4, 5], [2, 6, 7, 8]),
        ("reviews", [0, 3, 5, 8, 1, 2, 4, 6, 7], []),
        ("net_sentiment", [2, 7, 6, 1, 4], [0, 3, 5, 8]),
        ("title", list(range(9)), []),
    ],
)
def test_equals_stay_in_order_and_what_has_no_value_is_last(
    session: Session, workspace_id: int, ids: list[int], sort: Sort, rising: list[int], valueless: list[int]
) -> None:
    found = walk(session, workspace_id, 100, sort=sort, descending=False)
    assert [ids.index(id) for id in found] == rising + valueless


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("limit", [1, 2, 4])
@pytest.mark.parametrize("sort", get_args(Sort))
def test_pages_join_to_the_whole_list(
    session: Session, workspace_id: int, ids: list[int], sort: Sort, descending: bool, limit: int
) -> None:
    whole = walk(session, workspace_id, 100, sort=sort, descending=descending)
    assert sorted(whole) == sorted(ids)
    assert walk(session, workspace_id, limit, sort=sort, descending=descending) == whole


def test_a_product_that_came_meanwhile_moves_no_other(
    session: Session, workspace_id: int, ids: list[int]
) -> None:
    first = ordered_ids(session, workspace_id, SPAN, limit=2)
    [best] = make_products(session, workspace_id, "best")
    make_sales(session, workspace_id, best, START, [99, 99])
    then = ordered_ids(session, workspace_id, SPAN, limit=2, cursor=first.next)
    assert [ids.index(id) for id in first.items + then.items] == [2, 4, 5, 0]


@pytest.mark.parametrize(
    "cursor",
    ["nonsense", encode_cursor(25), encode_cursor("many", 1), encode_cursor(1.5, "x"), encode_cursor([], 1)],
)
def test_a_cursor_of_another_list_is_refused(session: Session, workspace_id: int, cursor: str) -> None:
    with pytest.raises(BadCursor):
        ordered_ids(session, workspace_id, SPAN, cursor=cursor)


@pytest.fixture
def many(session: Session, workspace_id: int) -> int:
    """A workspace of 5,000 products with four days of sales each and a review for every other one."""
    given = {"workspace": workspace_id, "first": SPAN.before}
    months.make(session, [SPAN.before, SPAN.end])
    session.execute(
        text("""
        WITH made AS (
            INSERT INTO products (workspace_id, external_id, title)
            SELECT :workspace, 'P' || n, '商品 ' || n FROM generate_series(1, 5000) AS n RETURNING id
        ), sold AS (
            INSERT INTO sales (product_id, day, workspace_id, units)
            SELECT id, CAST(:first AS date) + step, :workspace, mod(id * 7 + step * 3, 40)
            FROM made, generate_series(0, 3) AS step
        )
        INSERT INTO reviews (workspace_id, product_id, external_id, created_at, day, text, label)
        SELECT :workspace, id, 'r' || id, CAST(:first AS date) + 2, CAST(:first AS date) + 2, '好', 'positive'
        FROM made WHERE mod(id, 2) = 0
        """),
        given,
    )
    session.execute(text("ANALYZE products, sales, reviews"))
    return workspace_id


def test_five_thousand_products_are_quick_to_page(session: Session, many: int) -> None:
    for sort in get_args(Sort):
        began = perf_counter()
        page = ordered_ids(session, many, SPAN, sort=sort, limit=25)
        onward = ordered_ids(session, many, SPAN, sort=sort, limit=25, cursor=page.next)
        assert len({*page.items, *onward.items}) == 50
        assert perf_counter() - began < 2, sort
