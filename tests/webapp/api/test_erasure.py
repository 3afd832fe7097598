import hashlib
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from storage.models import AuditEntry, Product, Review, Workspace
from tests.webapp import factories

Bearer = Callable[..., dict[str, str]]
SHOPPER = "buyer-4711"


@pytest.fixture
def product(session: Session, workspace: Workspace) -> Product:
    made = factories.product(session, workspace)
    for user_key in (SHOPPER, SHOPPER, "another"):
        factories.review(session, made, user_key=user_key)
    return made


@pytest.mark.parametrize("path", ["/api/v1/products/{id}/erase", "/api/v1/shoppers/erase"])
def test_only_owners_erase(
    client: FlaskClient, bearer: Bearer, session: Session, product: Product, path: str
) -> None:
    for role in ("viewer", "analyst"):
        answer = client.post(path.format(id=product.id), json={"user_id": SHOPPER}, headers=bearer(role))
        assert answer.status_code == 403
    assert session.query(Review).count() == 3


def test_a_shopper_goes_and_is_named_by_a_hash(
    client: FlaskClient, bearer: Bearer, session: Session, product: Product
) -> None:
    answer = client.post("/api/v1/shoppers/erase", json={"user_id": SHOPPER}, headers=bearer("owner"))
    receipt = answer.json
    assert (answer.status_code, receipt["rows"]["reviews"]) == (200, 2)
    assert receipt["target"] == "sha256:" + hashlib.sha256(SHOPPER.encode()).hexdigest()
    assert SHOPPER not in answer.text
    entry = session.query(AuditEntry).filter_by(action="erase.shopper").one()
    assert (entry.hash, entry.target) == (receipt["hash"], receipt["target"])
    assert [review.user_key for review in session.query(Review)] == ["another"]


@pytest.mark.parametrize(
    "body", [{}, {"user_id": ""}, {"user_id": "x" * 501}, {"user_id": "a", "sure": True}]
)
def test_whose_reviews_go_must_be_said(client: FlaskClient, bearer: Bearer, body: dict[str, object]) -> None:
    assert client.post("/api/v1/shoppers/erase", json=body, headers=bearer("owner")).status_code == 400


def test_asking_twice_with_one_key_gives_one_receipt(
    client: FlaskClient, bearer: Bearer, session: Session, product: Product
) -> None:
    headers = bearer("owner") | {"Idempotency-Key": "once"}
    path = f"/api/v1/products/{product.id}/erase"
    first, again = (client.post(path, headers=headers) for _ in range(2))
    assert (first.status_code, again.json) == (200, first.json)
    assert client.post(path, headers=bearer("owner")).status_code == 404


def test_a_product_goes_with_a_receipt(client: FlaskClient, bearer: Bearer, product: Product) -> None:
    path = f"/api/v1/products/{product.id}"
    assert client.post(f"{path}/erase", headers=bearer("analyst")).status_code == 403
    receipt = client.post(f"{path}/erase", headers=bearer("owner")).json
    assert receipt["rows"]["products"] == 1
    assert len(receipt["hash"]) == 64
    assert client.get(path, headers=bearer("owner")).status_code == 404
