from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ingest import Refusal, Row
from settings import Settings
from storage.models import IMPORT_KINDS, Job, OrderLine, Product, Review
from storage.products import get_product, product_by_external_id
from storage.sales import exog_columns, sales_by_day
from tests.storage.factories import make_import, make_products, make_workspace
from workers.loaders import LOADERS, flags, load_orders, load_products, load_reviews, load_sales, numbered

DAY = date(2026, 6, 1)
# Beijing is eight hours ahead: the day changes at 16:00 UTC.
BEFORE_MIDNIGHT = datetime(2026, 6, 1, 15, 59, 59, tzinfo=UTC)
MIDNIGHT = datetime(2026, 6, 1, 16, 0, tzinfo=UTC)


@pytest.fixture
def job(session: Session) -> Job:
    return make_import(session, make_workspace(session).id)


def review(review_id: str, product_id: str = "A1", **fields: Any) -> dict[str, Any]:
    """Return a row as `ingest` gives it: every field, None where the file has nothing."""
    return {
        "product_id": product_id,
        "review_id": review_id,
        "created_at": MIDNIGHT,
        "text": "发货很快",
        "product_title": None,
        "user_id": None,
        "rating": None,
        "source": None,
        **fields,
    }


def order(order_id: str, line_no: int = 1, product_id: str = "A1", **fields: Any) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "product_id": product_id,
        "line_no": line_no,
        "ordered_at": MIDNIGHT,
        "quantity": 1.0,
        "unit_price": None,
        "customer_id": None,
        **fields,
    }


def sale(day: date = DAY, product_id: str = "A1", **fields: Any) -> dict[str, Any]:
    return {"product_id": product_id, "date": day, "units": 1.0, "extra": {}, **fields}


def reviews_of(session: Session, job: Job) -> dict[str, Review]:
    found = session.scalars(select(Review).where(Review.workspace_id == job.workspace_id))
    return {row.external_id: row for row in found}


def lines_of(session: Session, job: Job) -> list[OrderLine]:
    query = select(OrderLine).where(OrderLine.workspace_id == job.workspace_id)
    return list(session.scalars(query.order_by(OrderLine.order_id, OrderLine.line_no)))


def titles_of(session: Session, job: Job) -> dict[str, str]:
    found = session.scalars(select(Product).where(Product.workspace_id == job.workspace_id))
    return {product.external_id: product.title for product in found}


def id_of(session: Session, job: Job, external_id: str = "A1") -> int:
    product = product_by_external_id(session, job.workspace_id, external_id)
    assert product is not None
    return product.id


def test_every_kind_of_import_has_a_loader() -> None:
    assert set(LOADERS) == set(IMPORT_KINDS)


@pytest.mark.parametrize("kind", sorted(IMPORT_KINDS))
def test_a_batch_of_refusals_only_changes_nothing(
    session: Session, settings: Settings, job: Job, kind: str
) -> None:
    loaded = LOADERS[kind](session, settings, job, [], lambda: None)
    assert (loaded.duplicates, list(loaded.parts), loaded.touched) == (0, [], set())
    assert titles_of(session, job) == {}


def test_a_review_keeps_what_the_file_says_of_it(session: Session, settings: Settings, job: Job) -> None:
    row = review("r1", user_id="u7", rating=4.0, source="天猫", text="质量差", sku="红色")
    load_reviews(session, settings, job, [row])
    kept = reviews_of(session, job)["r1"]
    assert (kept.user_key, kept.rating, kept.source, kept.text) == ("u7", 4.0, "天猫", "质量差")
    assert (kept.sku, kept.title, kept.created_at) == ("红色", "", MIDNIGHT)
    assert (kept.job_id, kept.product_id, kept.scored_by) == (job.id, id_of(session, job), None)


def test_reviews_around_midnight_fall_on_the_shops_days(
    session: Session, settings: Settings, job: Job
) -> None:
    local = datetime.fromisoformat("2026-06-02T00:30:00+08:00")
    rows = [
        review("before", created_at=BEFORE_MIDNIGHT),
        review("after", created_at=MIDNIGHT),
        review("local", created_at=local),
    ]
    load_reviews(session, settings, job, rows)
    days = {name: row.day for name, row in reviews_of(session, job).items()}
    assert days == {"before": DAY, "after": DAY + timedelta(days=1), "local": DAY + timedelta(days=1)}


def test_another_zone_has_other_days(session: Session, settings: Settings, job: Job) -> None:
    elsewhere = replace(settings, timezone="America/New_York")
    load_reviews(session, elsewhere, job, [review("r1", created_at=datetime(2026, 6, 1, 3, 59, tzinfo=UTC))])
    assert reviews_of(session, job)["r1"].day == date(2026, 5, 31)


def test_a_review_that_comes_twice_is_counted_once_and_the_first_stays(
    session: Session, settings: Settings, job: Job
) -> None:
    rows = [review("r1", text="第一"), review("r1", text="第二"), review("r1", source="京东", text="别处")]
    loaded = load_reviews(session, settings, job, rows)
    assert loaded.duplicates == 1
    [(size, payload)] = loaded.parts
    assert (size, len(payload["review_ids"])) == (2, 2)
    again = load_reviews(session, settings, job, [review("r1", text="第三"), review("r2")])
    assert again.duplicates == 1
    new = reviews_of(session, job)["r2"]
    assert list(again.parts) == [(1, {"review_ids": [new.id], "product_ids": [new.product_id]})]
    texts = session.scalars(select(Review.text).where(Review.external_id == "r1", Review.job_id == job.id))
    assert sorted(texts) == ["别处", "第一"]


def test_new_reviews_are_cut_into_chunks_with_their_products(
    session: Session, settings: Settings, job: Job
) -> None:
    rows = [review(f"r{n}", "A1" if n < 3 else "B2") for n in range(5)]
    loaded = load_reviews(session, replace(settings, score_chunk_rows=2), job, rows)
    assert [size for size, _ in loaded.parts] == [2, 2, 1]
    ids = [id for _, payload in loaded.parts for id in payload["review_ids"]]
    assert sorted(ids) == sorted(row.id for row in reviews_of(session, job).values())
    first, second = id_of(session, job, "A1"), id_of(session, job, "B2")
    assert [payload["product_ids"] for _, payload in loaded.parts] == [
        [first],
        sorted([first, second]),
        [second],
    ]
    assert loaded.touched == set()


def test_an_unknown_product_is_made_under_its_title_or_its_number(
    session: Session, settings: Settings, job: Job
) -> None:
    make_products(session, job.workspace_id, "C3")
    rows = [
        review("r1", "A1", product_title="保温杯"),
        review("r2", "B2"),
        review("r3", "C3", product_title="改名"),
    ]
    load_reviews(session, settings, job, rows)
    assert titles_of(session, job) == {"A1": "保温杯", "B2": "B2", "C3": "title of C3"}


def test_another_shops_product_of_the_same_number_is_another(
    session: Session, settings: Settings, job: Job
) -> None:
    other = make_import(session, make_workspace(session).id)
    load_sales(session, settings, other, [sale(units=9.0)])
    load_sales(session, settings, job, [sale(units=2.0)])
    assert id_of(session, job) != id_of(session, other)
    [day] = sales_by_day(session, other.workspace_id, id_of(session, other))
    assert day.units == 9.0


def test_products_are_to_be_read_unless_they_were(session: Session, settings: Settings, job: Job) -> None:
    rows = [{"product_id": name, "title": name, "price": 10.0} for name in ("A1", "B2", "C3")]
    loaded = load_products(session, replace(settings, score_chunk_rows=2), job, rows)
    ids = [id_of(session, job, name) for name in ("A1", "B2", "C3")]
    assert list(loaded.parts) == [(2, {"describe": ids[:2]}), (1, {"describe": ids[2:]})]
    assert loaded.duplicates == 0
    for id in ids[:2]:
        get_product(session, job.workspace_id, id).scored_by = "reader-1"
    session.flush()
    rows[0]["price"] = 12.5
    rows[1]["title"] = "保温杯"
    again = load_products(session, settings, job, rows)
    assert list(again.parts) == [(2, {"describe": ids[1:]})]
    assert again.duplicates == 1
    assert float(get_product(session, job.workspace_id, ids[0]).price) == 12.5


def test_a_product_that_comes_twice_in_a_file_is_one_and_the_later_row_wins(
    session: Session, settings: Settings, job: Job
) -> None:
    rows = [{"product_id": "A1", "title": "旧", "brand": "甲"}, {"product_id": "A1", "title": "新"}]
    loaded = load_products(session, settings, job, rows)
    assert loaded.duplicates == 1
    assert [size for size, _ in loaded.parts] == [1]
    assert titles_of(session, job) == {"A1": "新"}


@pytest.mark.parametrize(
    ("given", "number"), [(True, 1.0), (False, 0.0), (None, None)], ids=["yes", "no", "unknown"]
)
def test_a_flag_is_a_number_and_unknown_is_not_no(
    session: Session, settings: Settings, job: Job, given: bool | None, number: float | None
) -> None:
    assert flags({"promo": given}) == {"promo": number, "stockout": None}
    load_sales(session, settings, job, [sale(promo=given, stockout=given)])
    [day] = sales_by_day(session, job.workspace_id, id_of(session, job))
    assert (day.promo, day.stockout) == (number, number)


def test_sales_of_an_unknown_product_make_it_and_only_changes_are_work(
    session: Session, settings: Settings, job: Job
) -> None:
    rows = [sale(), sale(DAY + timedelta(days=1), units=None, promo=True), sale(product_id="B2")]
    first = load_sales(session, settings, job, rows)
    assert titles_of(session, job) == {"A1": "A1", "B2": "B2"}
    assert first.touched == {id_of(session, job, "A1"), id_of(session, job, "B2")}
    assert (list(first.parts), first.duplicates) == ([], 0)
    assert load_sales(session, settings, job, rows).touched == set()
    rows[2]["units"] = 5.0
    assert load_sales(session, settings, job, rows).touched == {id_of(session, job, "B2")}
    known, planned = sales_by_day(session, job.workspace_id, id_of(session, job, "A1"))
    assert (known.day, known.units, known.promo) == (DAY, 1.0, None)
    assert (planned.day, planned.units, planned.promo) == (DAY + timedelta(days=1), None, 1.0)


def test_further_columns_are_declared_as_the_job_says(session: Session, settings: Settings, job: Job) -> None:
    job.params = {"columns": {"ads": "future", "likes": "past"}}
    load_sales(session, settings, job, [sale(extra={"ads": 3.0, "likes": 2.0})])
    assert exog_columns(session, job.workspace_id) == {"ads": "future", "likes": "past"}
    job.params = {"columns": None}
    load_sales(session, settings, job, [sale()])
    [day] = sales_by_day(session, job.workspace_id, id_of(session, job))
    assert day.extra == {"ads": 3.0, "likes": 2.0}
    job.params = {"columns": {"ads": "someday"}}
    with pytest.raises(ValueError, match="ads"):
        load_sales(session, settings, job, [sale()])


def test_orders_around_midnight_fall_on_the_shops_days(
    session: Session, settings: Settings, job: Job
) -> None:
    rows = [order("a", ordered_at=BEFORE_MIDNIGHT), order("b", ordered_at=MIDNIGHT)]
    loaded = load_orders(session, settings, job, rows)
    assert loaded.touched == {id_of(session, job)}
    assert [(line.order_id, line.day) for line in lines_of(session, job)] == [
        ("a", DAY),
        ("b", DAY + timedelta(days=1)),
    ]
    # Days are summed later, when all of the file is in.
    assert sales_by_day(session, job.workspace_id, id_of(session, job)) == []


def test_a_corrected_order_line_replaces_and_the_same_line_changes_nothing(
    session: Session, settings: Settings, job: Job
) -> None:
    rows = [order("a", 1, quantity=2.0), order("a", 2, quantity=3.0), order("b", product_id="B2")]
    load_orders(session, settings, job, rows)
    assert load_orders(session, settings, job, rows).touched == set()
    rows[1]["quantity"] = -1.0
    assert load_orders(session, settings, job, rows).touched == {id_of(session, job, "A1")}
    assert [(line.order_id, line.line_no, line.quantity) for line in lines_of(session, job)] == [
        ("a", 1, 2.0),
        ("a", 2, -1.0),
        ("b", 1, 1.0),
    ]


def items(*keys: tuple[str, str] | None) -> Iterator[Row | Refusal]:
    """Yield order lines, and a refusal for each None."""
    for line, key in enumerate(keys, start=2):
        if key is None:
            yield Refusal(line, "quantity", "x", "not_a_number")
        else:
            yield Row(line, {"order_id": key[0], "product_id": key[1], "quantity": float(line)})


def test_lines_are_numbered_for_each_order_and_product() -> None:
    given = [("a", "1"), ("a", "2"), ("b", "1"), ("a", "1"), ("a", "1")]
    found = list(numbered(items(*given)))
    assert [item.values["line_no"] for item in found] == [1, 1, 1, 2, 3]
    assert [item.line for item in found] == [2, 3, 4, 5, 6]
    assert [item.values["quantity"] for item in found] == [2.0, 3.0, 4.0, 5.0, 6.0]
    # A number ends where the next one begins: "1" and "11" are not "11" and "1".
    assert [item.values["line_no"] for item in numbered(items(("1", "11"), ("11", "1")))] == [1, 1]


def test_a_refused_line_has_no_number_and_stays_in_its_place() -> None:
    first, refused, last = numbered(items(("a", "1"), None, ("a", "1")))
    assert isinstance(refused, Refusal)
    assert (first.values["line_no"], last.values["line_no"]) == (1, 2)
    assert (refused.line, refused.value) == (3, "x")


def test_rows_are_numbered_as_they_are_read_and_left_as_they_were() -> None:
    row = Row(2, {"order_id": "a", "product_id": "1"})

    def endless() -> Iterator[Row | Refusal]:
        while True:
            yield row

    lines = numbered(endless())
    assert [next(lines).values["line_no"] for _ in range(3)] == [1, 2, 3]
    assert "line_no" not in row.values
