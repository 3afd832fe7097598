from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from storage import marks

FIRST, LAST = date(2040, 1, 1), date(2040, 12, 31)
DAY = date(2040, 11, 11)


def mark(day: date, name: str, **fields: object) -> dict[str, object]:
    return {"day": day, "name_zh": name, "name_en": name, "kind": "promotion", **fields}


def names(session: Session, start: date = FIRST, end: date = LAST) -> list[str]:
    return [found.name_zh for found in marks.marked_days(session, start, end)]


def test_marks_of_a_span_are_replaced_and_others_kept(session: Session) -> None:
    kept = date(2041, 6, 18)
    marks.replace_marks(session, kept, kept, [mark(kept, "618")])
    rows = [mark(DAY, "双11"), mark(DAY, "光棍节"), mark(DAY, "双11")]
    assert marks.replace_marks(session, FIRST, LAST, rows) == 3
    assert set(names(session, DAY, DAY)) == {"双11", "光棍节"}
    marks.replace_marks(session, FIRST, LAST, [])
    assert names(session) == []
    assert names(session, FIRST, kept) == ["618"]


def test_days_come_in_order_and_a_days_names_too(session: Session) -> None:
    rows = [mark(DAY, "b"), mark(LAST, "c"), mark(DAY, "a"), mark(FIRST, "d")]
    marks.replace_marks(session, FIRST, LAST, iter(rows))
    assert names(session) == ["d", "a", "b", "c"]


@pytest.mark.parametrize(
    ("start", "end", "wanted"),
    [(0, 2, "abc"), (0, 1, "ab"), (1, 2, "bc"), (1, 1, "b"), (2, 1, ""), (3, 9, "")],
)
def test_both_ends_of_a_span_belong_to_it(session: Session, start: int, end: int, wanted: str) -> None:
    rows = [mark(DAY + timedelta(days=step), name) for step, name in enumerate("abc")]
    marks.replace_marks(session, FIRST, LAST, rows)
    found = names(session, DAY + timedelta(days=start), DAY + timedelta(days=end))
    assert found == list(wanted)


@pytest.mark.parametrize(("start", "end", "left"), [(0, 0, "bc"), (1, 2, "a"), (0, 2, ""), (2, 0, "abc")])
def test_only_the_span_is_cleared(session: Session, start: int, end: int, left: str) -> None:
    rows = [mark(DAY + timedelta(days=step), name) for step, name in enumerate("abc")]
    marks.replace_marks(session, FIRST, LAST, rows)
    marks.replace_marks(session, DAY + timedelta(days=start), DAY + timedelta(days=end), [])
    assert names(session) == list(left)


def test_the_first_of_two_equal_marks_stays(session: Session) -> None:
    marks.replace_marks(session, FIRST, LAST, [mark(DAY, "双11", kind="first"), mark(DAY, "双11", kind="2")])
    [found] = marks.marked_days(session, DAY, DAY)
    assert (found.day, found.name_en, found.kind) == (DAY, "双11", "first")


def test_replacing_again_changes_what_a_mark_says(session: Session) -> None:
    marks.replace_marks(session, FIRST, LAST, [mark(DAY, "双11", name_en="Singles' Day")])
    marks.replace_marks(session, FIRST, LAST, [mark(DAY, "双11", name_en="Double 11", kind="sale")])
    session.expire_all()
    [found] = marks.marked_days(session, DAY, DAY)
    assert (found.name_en, found.kind) == ("Double 11", "sale")
