from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from storage.models import Product, Relabel, User
from storage.models.relabels import RELABELS
from tests.storage.models.rows import count, put, refusal, remove


@pytest.fixture
def said(session: Session, workspace_id: int) -> dict[str, object]:
    product = put(session, Product, workspace_id=workspace_id, external_id="A")
    of = {"workspace_id": workspace_id, "product_id": product.id, "review_id": 7}
    return {**of, "day": date(2026, 6, 8), "label": "negative"}


def test_one_label_of_a_review_holds_and_those_before_stay(
    session: Session, said: dict[str, object], other_id: int
) -> None:
    row = put(session, Relabel, **said)
    assert (row.seen_label, row.model_label, row.model_score) == ("", None, None)
    assert refusal(session, Relabel, **said) == "uq_relabels_holding"
    assert refusal(session, Relabel, **said | {"workspace_id": other_id}) is None
    row.ended_at = datetime(2026, 6, 9, tzinfo=UTC)
    session.flush()
    assert refusal(session, Relabel, **said) is None
    assert count(session, Relabel, workspace_id=row.workspace_id) == 2


def test_people_are_sure(session: Session, said: dict[str, object]) -> None:
    assert refusal(session, Relabel, **said | {"label": "uncertain"}) == "ck_relabels_label"
    for number, label in enumerate(RELABELS):
        assert refusal(session, Relabel, **said | {"label": label, "review_id": number}) is None


def test_a_label_outlives_who_gave_it_but_not_the_product(session: Session, said: dict[str, object]) -> None:
    user = put(session, User, email="li@example.com", password_hash="x")
    row = put(session, Relabel, **said, user_id=user.id)
    remove(session, user)
    assert session.get_one(Relabel, row.id).user_id is None
    remove(session, session.get_one(Product, row.product_id))
    assert count(session, Relabel) == 0
