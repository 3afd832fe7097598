from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from storage import accounts, erasure, months, retention, reviews
from storage.models import Review, ReviewKey
from tests.storage.factories import make_products, make_reviews, make_workspace, review_row

OLD, LATER, TODAY = date(2024, 1, 31), date(2024, 2, 1), date(2026, 6, 30)


@pytest.fixture
def product_id(session: Session, workspace_id: int) -> int:
    return make_products(session, workspace_id, "A")[0]


@pytest.fixture
def committed(committed_engine: Engine) -> Iterator[sessionmaker[Session]]:
    """Sessions that commit, and no month beforehand or afterwards."""
    sessions = sessionmaker(committed_engine)
    yield sessions
    with sessions.begin() as session:
        for month in months.existing(session):
            if not session.scalar(text(f"SELECT EXISTS (SELECT FROM {months.name_of(month)})")):
                session.execute(text(f"DROP TABLE {months.name_of(month)}"))


def keys(session: Session) -> list[tuple[str, int]]:
    found = select(ReviewKey.external_id, ReviewKey.review_id).order_by(ReviewKey.review_id)
    return [tuple(row) for row in session.execute(found)]


def table_of(session: Session, review_id: int) -> str:
    query = "SELECT CAST(CAST(tableoid AS regclass) AS text) FROM reviews WHERE id = :id"
    return str(session.scalar(text(query), {"id": review_id}))


@pytest.mark.parametrize(
    ("day", "table"),
    [
        (date(1990, 1, 1), "reviews_past"),
        (date(2009, 12, 31), "reviews_past"),
        (date(2010, 1, 1), "reviews_2010_01"),
        (date(2026, 11, 30), "reviews_2026_11"),
        (date(2026, 12, 31), "reviews_2026_12"),
        (date(2039, 12, 31), "reviews_2039_12"),
        (date(2040, 1, 1), "reviews_later"),
        (date(2100, 1, 1), "reviews_later"),
    ],
)
def test_a_review_lies_in_the_table_of_its_month(
    session: Session, workspace_id: int, product_id: int, day: date, table: str
) -> None:
    [id] = make_reviews(session, workspace_id, [review_row(product_id, day)])
    assert table_of(session, id) == table
    assert reviews.get_review(session, workspace_id, id).day == day


def test_a_review_that_comes_again_with_another_date_stays_one(
    session: Session, workspace_id: int, product_id: int
) -> None:
    first = review_row(product_id, OLD, external_id="r1", text="first")
    [(id, _)] = reviews.copy_reviews(session, workspace_id, [first])
    corrected = {**first, "day": LATER, "created_at": first["created_at"] + timedelta(days=1)}
    assert reviews.copy_reviews(session, workspace_id, [corrected, corrected]) == []
    assert session.execute(select(Review.id, Review.day)).all() == [(id, OLD)]
    assert keys(session) == [("r1", id)]


def test_of_two_dates_in_one_file_the_first_row_counts(
    session: Session, workspace_id: int, product_id: int
) -> None:
    both = [review_row(product_id, day, external_id="r1") for day in (LATER, OLD)]
    [(id, _)] = reviews.copy_reviews(session, workspace_id, both)
    assert session.execute(select(Review.id, Review.day)).all() == [(id, LATER)]


def test_a_review_whose_day_is_changed_moves(session: Session, workspace_id: int, product_id: int) -> None:
    [id] = make_reviews(session, workspace_id, [review_row(product_id, OLD, external_id="r1")])
    months.make(session, [LATER])
    session.execute(text("UPDATE reviews SET day = :day WHERE id = :id"), {"day": LATER, "id": id})
    assert table_of(session, id) == "reviews_2024_02"
    assert keys(session) == [("r1", id)]


def test_dates_all_over_make_no_more_months_than_thirty_years_have(session: Session) -> None:
    everywhere = [date(1990, 1, 1) + timedelta(days=10 * step) for step in range(4018)]
    assert everywhere[-1] > date(2099, 12, 1)
    assert len(months.missing(session, everywhere)) == 30 * 12 - len(months.existing(session))


@pytest.mark.parametrize("other", ["product", "shopper", "workspace", "retention"])
def test_the_key_goes_with_its_review(session: Session, workspace_id: int, other: str) -> None:
    ours, another = make_products(session, workspace_id, "A", "B")
    rows = [
        review_row(ours, OLD, external_id="gone", user_key="u1"),
        review_row(another, TODAY, external_id="kept", user_key="u2"),
    ]
    [_, kept] = make_reviews(session, workspace_id, rows)
    _remove(session, workspace_id, ours, other)
    assert keys(session) == ([] if other == "workspace" else [("kept", kept)])
    if other == "shopper":
        assert reviews.copy_reviews(session, workspace_id, [{**rows[0], "user_key": "u3"}])


def _remove(session: Session, workspace_id: int, product_id: int, other: str) -> None:
    if other == "product":
        erasure.erase_product(session, workspace_id, product_id)
    elif other == "shopper":
        erasure.erase_shopper(session, workspace_id, "u1")
    elif other == "workspace":
        session.execute(text("DELETE FROM workspaces WHERE id = :id"), {"id": workspace_id})
    else:
        workspace = accounts.get_workspace(session, workspace_id)
        retention.set_retention(session, workspace, {"reviews": 30})
        retention.apply(session, workspace, datetime(2026, 6, 30, tzinfo=UTC))


def test_a_month_that_nobody_keeps_is_dropped_with_its_keys(session: Session) -> None:
    days = {"short": {"reviews": 30}, "longer": {"reviews": 800}, "for good": {}}
    owners = {name: make_workspace(session) for name in days}
    for name, owner in owners.items():
        retention.set_retention(session, owner, days[name])
        [product_id] = make_products(session, owner.id, "A")
        arrived = {"short": (OLD, OLD, LATER), "longer": (OLD, date(2025, 6, 1)), "for good": (TODAY,)}
        make_reviews(session, owner.id, [review_row(product_id, day) for day in arrived[name]])
    before = set(keys(session))
    gone = months.drop_unkept(session, OLD.replace(day=1), TODAY)
    assert gone == {owners["short"].id: 2, owners["longer"].id: 1}
    assert months.drop_unkept(session, date(2025, 6, 1), TODAY) == {}, "longer than 30 days is kept by one"
    assert months.drop_unkept(session, date(2026, 6, 1), TODAY) == {}, "without retention it stays"
    assert OLD.replace(day=1) not in months.existing(session)
    assert len(before) - len(keys(session)) == 3
    assert sorted(session.scalars(select(Review.day))) == [LATER, date(2025, 6, 1), TODAY]


@pytest.mark.parametrize(("today", "goes"), [(date(2024, 3, 1), False), (date(2024, 3, 2), True)])
def test_a_month_stays_as_long_as_its_last_day(
    session: Session, workspace_id: int, product_id: int, today: date, goes: bool
) -> None:
    retention.set_retention(session, accounts.get_workspace(session, workspace_id), {"reviews": 30})
    make_reviews(session, workspace_id, [review_row(product_id, OLD)])
    assert bool(months.drop_unkept(session, OLD.replace(day=1), today)) is goes


def test_workers_that_make_the_same_months_at_once_make_each_once(committed: sessionmaker[Session]) -> None:
    wanted = [date(2031, month, 9) for month in range(1, 7)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: months.prepare(committed.begin, wanted), range(4)))
    with committed() as session:
        assert months.missing(session, wanted) == []


def test_a_new_month_waits_for_writers_and_lets_others_pass(committed: sessionmaker[Session]) -> None:
    with committed() as writer, ThreadPoolExecutor(1) as pool:
        make_products(writer, make_workspace(writer).id, "p1")
        made = pool.submit(months.prepare, committed.begin, [date(2032, 1, 1)])
        with pytest.raises(TimeoutError):
            made.result(timeout=0.8)
        writer.rollback()
        made.result(timeout=20)
    with committed() as writer:
        make_products(writer, make_workspace(writer).id, "p1")
        with pytest.raises(OperationalError) as raised:
            months.prepare(committed.begin, [date(2032, 2, 1)], patience=0)
    assert months.is_busy(raised.value)


def test_a_month_that_is_read_is_not_dropped(committed: sessionmaker[Session]) -> None:
    months.prepare(committed.begin, [OLD])
    with committed() as reader, committed() as session:
        reader.execute(text("SELECT count(*) FROM reviews"))
        with pytest.raises(OperationalError) as raised:
            months.drop_unkept(session, OLD.replace(day=1), TODAY)
    assert months.is_busy(raised.value)
    with committed.begin() as session:
        assert months.drop_unkept(session, OLD.replace(day=1), TODAY) == {}
        assert OLD.replace(day=1) not in months.existing(session)
