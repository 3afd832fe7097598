from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from storage import reviews, suspects
from tests.storage.factories import analysis, make_products, make_reviews, review_row

ZONE = "Asia/Shanghai"
DAY = date(2026, 3, 1)
LATE = datetime(2026, 3, 1, 17, 30, tzinfo=UTC)  # half past one the next day in Shanghai


def suspected(*reasons: str) -> dict[str, object]:
    return analysis(suspect={"is_suspect": bool(reasons), "reasons": list(reasons)})


@pytest.fixture
def product_ids(session: Session, workspace_id: int) -> list[int]:
    ids = make_products(session, workspace_id, "A", "B", shop="one")
    return ids + make_products(session, workspace_id, "C", shop="two")


def test_scored_reviews_by_the_shops_clock(
    session: Session, workspace_id: int, product_ids: list[int]
) -> None:
    a, b, _ = product_ids
    rows = [
        review_row(a, DAY, text="长" * 3000, created_at=LATE, analysis=suspected("burst"), user_key="u1"),
        review_row(a, DAY, text="还没读过", user_key="u1"),
        review_row(b, DAY, text="别的", analysis=analysis(), user_key="u1"),
        review_row(b, DAY, text="别人", analysis=analysis(), user_key="u2"),
    ]
    ids = make_reviews(session, workspace_id, rows)
    [said] = suspects.said_of(session, workspace_id, a, ZONE)
    assert (said.id, said.user_key, list(said.reasons), said.since) == (ids[0], "u1", ["burst"], None)
    assert (said.at, len(said.text)) == (datetime(2026, 3, 2, 1, 30), suspects.LONGEST)
    elsewhere = suspects.said_elsewhere(session, workspace_id, ["u1", "u9"], a, ZONE)
    assert [said.id for said in elsewhere] == [ids[2]]
    assert suspects.said_elsewhere(session, workspace_id, [], a, ZONE) == []


def test_all_products_of_the_shops_of_some(
    session: Session, workspace_id: int, other_id: int, product_ids: list[int]
) -> None:
    a, b, c = product_ids
    assert suspects.shops_of(session, workspace_id, [a]) == {a: "one", b: "one"}
    assert suspects.shops_of(session, workspace_id, [b, c]) == {a: "one", b: "one", c: "two"}
    assert suspects.shops_of(session, other_id, [a]) == suspects.shops_of(session, workspace_id, []) == {}


def test_arrivals_of_some_products_by_hour(
    session: Session, workspace_id: int, other_id: int, product_ids: list[int]
) -> None:
    a, b, c = product_ids
    rows = [
        review_row(a, DAY, created_at=LATE, analysis=suspected("too_short", "burst")),
        review_row(a, DAY, created_at=LATE.replace(minute=59), analysis=analysis()),
        review_row(a, DAY, created_at=LATE, analysis=suspected("default_text")),
        review_row(a, DAY, created_at=LATE),
        review_row(b, DAY, created_at=LATE, analysis=analysis()),
        review_row(c, DAY, created_at=LATE, analysis=analysis()),
    ]
    make_reviews(session, workspace_id, rows)
    hour = (datetime(2026, 3, 2, 1) - datetime(1970, 1, 1)) // timedelta(hours=1)
    silent = ["default_text", "empty"]
    found = suspects.arrivals(session, workspace_id, [a, b], ZONE, "burst", silent)
    assert list(found.itertuples(index=False, name=None)) == [(a, hour, 2, 1), (b, hour, 1, 0)]
    assert suspects.arrivals(session, other_id, [a], ZONE, "burst", []).empty


def test_marks_replace_marks_and_leave_what_lies_in_the_review(
    session: Session, workspace_id: int, other_id: int, product_ids: list[int]
) -> None:
    by_itself, marked, cleared = make_reviews(
        session,
        workspace_id,
        [
            review_row(product_ids[0], DAY, analysis=suspected("too_short", "template")),
            review_row(product_ids[0], DAY, analysis=analysis()),
            review_row(product_ids[0], DAY, analysis=suspected("duplicate")),
        ],
    )
    later = date(2026, 3, 9)
    found = [(by_itself, ["burst"], later), (marked, ["duplicate"], later), (cleared, [], None)]
    for _ in range(2):
        suspects.mark_reviews(session, workspace_id, found, {"burst", "template", "duplicate"})
    kept = [reviews.get_review(session, workspace_id, id) for id in (by_itself, marked, cleared)]
    assert [(review.is_suspect, review.suspect_reasons, review.suspect_since) for review in kept] == [
        (True, ["too_short", "burst"], None),
        (True, ["duplicate"], later),
        (False, [], None),
    ]
    suspects.mark_reviews(session, other_id, [(marked, [], None)], {"duplicate"})
    assert reviews.get_review(session, workspace_id, marked).is_suspect
    # On its own day nobody could know of the second one yet.
    frame = reviews.review_frame(session, workspace_id, product_ids)
    assert frame["is_suspect"].tolist() == [True, False, False]
    suspects.mark_reviews(session, workspace_id, [(marked, ["duplicate"], DAY)], {"duplicate"})
    assert reviews.review_frame(session, workspace_id, product_ids)["is_suspect"].tolist() == [
        True,
        True,
        False,
    ]
