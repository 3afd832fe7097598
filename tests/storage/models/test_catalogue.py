from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from storage import months
from storage.models import LABELS, Job, Product, Review, ReviewKey, Workspace
from tests.storage.factories import make_products, review_row
from tests.storage.models.rows import count, put, refusal, remove

DAY = date(2024, 6, 18)


@pytest.fixture
def product_id(session: Session, workspace_id: int) -> int:
    [made] = make_products(session, workspace_id, "p1")
    return made


@pytest.fixture
def row(session: Session, workspace_id: int, product_id: int) -> dict[str, object]:
    months.make(session, [DAY])
    return {"workspace_id": workspace_id, **review_row(product_id, DAY, external_id="r")}


def test_a_product_of_which_only_the_number_is_known(session: Session, workspace_id: int) -> None:
    product = put(session, Product, workspace_id=workspace_id, external_id="p9")
    assert {product.title, product.description, product.category, product.brand, product.shop} == {""}
    assert (product.price, product.launched_at, product.analysis, product.scored_by) == (None,) * 4
    assert product.updated_at == product.created_at


def test_a_shops_number_is_one_product_in_a_workspace(
    session: Session, workspace_id: int, other_id: int, product_id: int
) -> None:
    name = "uq_products_workspace_id_external_id"
    assert refusal(session, Product, workspace_id=workspace_id, external_id="p1") == name
    assert refusal(session, Product, workspace_id=workspace_id, external_id="P1") is None
    assert refusal(session, Product, workspace_id=other_id, external_id="p1") is None


def test_a_price_is_exact_to_four_places(session: Session, workspace_id: int) -> None:
    product = put(session, Product, workspace_id=workspace_id, external_id="p", price=Decimal("19.99005"))
    assert product.price == Decimal("19.9901")
    dear = put(session, Product, workspace_id=workspace_id, external_id="d", price=Decimal("9999999999.9999"))
    assert dear.price == Decimal("9999999999.9999")
    with pytest.raises(DataError, match="numeric field overflow"):
        put(session, Product, workspace_id=workspace_id, external_id="x", price=Decimal("10000000000"))


def test_a_changed_product_says_when(session: Session, product_id: int) -> None:
    product = session.get_one(Product, product_id)
    product.updated_at = datetime(2024, 1, 1, tzinfo=UTC)
    session.flush()
    product.title = "新标题"
    session.flush()
    session.refresh(product)
    assert product.updated_at.year > 2024


def test_a_review_nobody_has_read_yet(session: Session, row: dict[str, object]) -> None:
    review = put(session, Review, **row)
    assert review.scored_by is None
    assert (review.label, review.score, review.p_negative, review.p_positive) == (None,) * 4
    assert (review.aspects, review.keywords, review.suspect_reasons, review.pii) == ([], [], [], [])
    assert review.is_suspect is False
    assert review.incentivised is None, "not said is not the same as no"
    assert {review.source, review.title, review.user_key, review.sku, review.channel} == {""}
    assert review.product.external_id == "p1"


def test_a_review_is_one_in_its_source_and_workspace(
    session: Session, workspace_id: int, other_id: int
) -> None:
    key = {"workspace_id": workspace_id, "source": "tmall", "external_id": "r", "review_id": 1}
    put(session, ReviewKey, **key)
    assert refusal(session, ReviewKey, **{**key, "review_id": 2}) == "pk_review_keys"
    assert refusal(session, ReviewKey, **{**key, "source": "jd"}) is None
    assert refusal(session, ReviewKey, **{**key, "workspace_id": other_id}) is None


def test_a_review_without_a_day_has_no_table(session: Session, row: dict[str, object]) -> None:
    with pytest.raises(IntegrityError, match="no partition"):
        session.execute(insert(Review).values(**{**row, "day": None}))


@pytest.mark.parametrize("column", ["external_id", "created_at", "text", "product_id", "workspace_id"])
def test_a_review_lacks_nothing_it_is_counted_by(
    session: Session, row: dict[str, object], column: str
) -> None:
    assert refusal(session, Review, **{**row, column: None}) == column


@pytest.mark.parametrize("label", [*LABELS, None])
def test_each_label_and_none_yet_can_be_kept(
    session: Session, row: dict[str, object], label: str | None
) -> None:
    assert refusal(session, Review, **row, label=label) is None


@pytest.mark.parametrize("label", ["mixed", "POSITIVE", ""])
def test_no_other_label_can_be_kept(session: Session, row: dict[str, object], label: str) -> None:
    assert refusal(session, Review, **row, label=label) == "ck_reviews_label"


def test_a_review_is_of_a_product_that_exists(session: Session, row: dict[str, object]) -> None:
    assert refusal(session, Review, **{**row, "product_id": -1}) == "fk_reviews_product_id"


def test_a_product_takes_its_own_reviews_with_it(
    session: Session, workspace_id: int, product_id: int, row: dict[str, object]
) -> None:
    [kept] = make_products(session, workspace_id, "p2")
    put(session, Review, **row)
    put(session, Review, **{**row, "product_id": kept, "external_id": "r of p2"})
    remove(session, session.get_one(Product, product_id))
    assert count(session, Review, workspace_id=workspace_id) == 1
    assert count(session, Review, product_id=kept) == 1


def test_reviews_outlive_the_job_that_brought_them(
    session: Session, workspace_id: int, row: dict[str, object]
) -> None:
    job = put(session, Job, workspace_id=workspace_id, kind="score", stage="score")
    review = put(session, Review, **row, job_id=job.id)
    named = job.id
    remove(session, job)
    assert review.job_id == named
    assert review.text == row["text"]


def test_a_workspace_takes_products_and_reviews_with_it(
    session: Session, workspace_id: int, other_id: int, row: dict[str, object]
) -> None:
    put(session, Review, **row)
    make_products(session, other_id, "p1")
    remove(session, session.get_one(Workspace, workspace_id))
    assert count(session, Product, workspace_id=workspace_id) == 0
    assert count(session, Review, workspace_id=workspace_id) == 0
    assert count(session, Product, workspace_id=other_id) == 1
