from datetime import date

from sqlalchemy.orm import Session

from storage.models import Product, Review
from storage.rewriting import rewrite
from tests.storage.factories import make_products, make_reviews, review_row

DAY = date(2026, 11, 11)


def test_only_what_changes_is_written(session: Session, workspace_id: int) -> None:
    [product_id] = make_products(session, workspace_id, "A1", description="very old")
    rows = [
        review_row(product_id, DAY, text="old text", title="old"),
        review_row(product_id, DAY, text="new"),
    ]
    ids = make_reviews(session, workspace_id, rows)

    def change(text: str) -> str:
        return text.replace("old", "new")

    assert rewrite(session, Review, workspace_id, ids, ("text", "title"), change) == 1
    assert rewrite(session, Product, workspace_id, [product_id], ("description",), change) == 1
    session.expire_all()
    changed, same = (session.get_one(Review, id) for id in ids)
    assert (changed.text, changed.title, same.text) == ("new text", "new", "new")
    assert session.get_one(Product, product_id).description == "very new"
    assert rewrite(session, Review, workspace_id, ids, ("text", "title"), change) == 0


def test_other_rows_and_other_tenants_are_left_alone(
    session: Session, workspace_id: int, other_id: int
) -> None:
    [product_id] = make_products(session, workspace_id, "A1")
    ids = make_reviews(session, workspace_id, [review_row(product_id, DAY), review_row(product_id, DAY)])
    assert rewrite(session, Review, other_id, ids, ("text",), str.upper) == 0
    assert rewrite(session, Review, workspace_id, [], ("text",), str.upper) == 0
    assert rewrite(session, Review, workspace_id, ids[:1], ("text",), lambda text: "x") == 1
    session.expire_all()
    assert session.get_one(Review, ids[1]).text == "发货很快"
