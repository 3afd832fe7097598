from sqlalchemy.orm import Session

from storage.models import Product, ProductDigest
from tests.storage.models.rows import count, put, refusal, remove


def test_a_product_has_one_digest_and_takes_it_along(session: Session, workspace_id: int) -> None:
    product = put(session, Product, workspace_id=workspace_id, external_id="A")
    values = {"product_id": product.id, "workspace_id": workspace_id, "version": "1", "stamp": "s"}
    kept = put(session, ProductDigest, **values)
    assert kept.digest == {}
    assert kept.created_at is not None
    assert refusal(session, ProductDigest, **values) == "pk_product_digests"
    remove(session, product)
    assert count(session, ProductDigest) == 0
