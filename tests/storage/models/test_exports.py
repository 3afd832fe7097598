from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from storage.models import Destination, Export, Job, Product, Share, Snapshot, Subscription, User
from tests.storage.models.rows import count, put, refusal, remove

PLAIN = {"format": "xlsx", "language": "zh"}
EVER = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def product(session: Session, workspace_id: int) -> Product:
    return put(session, Product, workspace_id=workspace_id, external_id="A")


@pytest.fixture
def snapshot(session: Session, product: Product) -> Snapshot:
    values = {"workspace_id": product.workspace_id, "product_id": product.id}
    return put(session, Snapshot, **values, body="{}", hash="h")


@pytest.fixture
def user(session: Session) -> User:
    return put(session, User, email="li@example.com", password_hash="x")


def job(session: Session, workspace_id: int) -> Job:
    return put(session, Job, workspace_id=workspace_id, kind="export", stage="export")


def test_somebody_subscribes_once_to_a_product_and_once_to_the_overview(
    session: Session, product: Product, user: User, other_id: int
) -> None:
    mine = {"workspace_id": product.workspace_id, "user_id": user.id, **PLAIN}
    for product_id in (product.id, None):
        wish = {**mine, "product_id": product_id}
        assert put(session, Subscription, **wish).sent_for is None
        taken = "uq_subscriptions_user_id_workspace_id_product_id"
        assert refusal(session, Subscription, **wish) == taken
    assert refusal(session, Subscription, **mine | {"workspace_id": other_id}) is None


def test_a_subscription_outlives_where_it_was_sent_to_but_not_who_asked(
    session: Session, workspace_id: int, user: User
) -> None:
    place = {"kind": "email", "name": "组", "sealed": "s", "shown": "…"}
    destination = put(session, Destination, workspace_id=workspace_id, **place)
    wish = {"workspace_id": workspace_id, "user_id": user.id, "destination_id": destination.id, **PLAIN}
    row = put(session, Subscription, **wish)
    remove(session, destination)
    assert session.get_one(Subscription, row.id).destination_id is None
    remove(session, user)
    assert count(session, Subscription) == 0


def test_a_job_makes_one_file_of_a_known_format(session: Session, workspace_id: int) -> None:
    file = {"workspace_id": workspace_id, "name": "概览.xlsx", **PLAIN}
    row = put(session, Export, **file, job_id=job(session, workspace_id).id)
    assert (row.path, row.sha256, row.size, row.product_id) == ("", "", None, None)
    assert refusal(session, Export, **file, job_id=row.job_id) == "uq_exports_job_id"
    other = {**file, "job_id": job(session, workspace_id).id, "format": "docx"}
    assert refusal(session, Export, **other) == "ck_exports_format"


def test_links_and_files_go_with_their_snapshot(session: Session, snapshot: Snapshot) -> None:
    of = {"workspace_id": snapshot.workspace_id, "snapshot_id": snapshot.id}
    put(session, Export, **of, **PLAIN, name="a.xlsx", job_id=job(session, snapshot.workspace_id).id)
    share = {**of, "token_hash": "t", "expires_at": EVER}
    assert put(session, Share, **share).snapshot is snapshot
    assert refusal(session, Share, **share) == "uq_shares_token_hash"
    remove(session, session.get_one(Product, snapshot.product_id))
    for model in (Snapshot, Share, Export):
        assert count(session, model) == 0


def test_a_snapshot_and_its_link_outlive_who_made_them(
    session: Session, snapshot: Snapshot, user: User
) -> None:
    snapshot.created_by = user.id
    values = {"workspace_id": snapshot.workspace_id, "snapshot_id": snapshot.id, "created_by": user.id}
    share = put(session, Share, **values, token_hash="t", expires_at=EVER)
    remove(session, user)
    assert (snapshot.created_by, share.created_by) == (None, None)
