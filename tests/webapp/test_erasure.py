from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from settings import Settings
from storage.errors import NotFound
from storage.models import AuditEntry, Product, Workspace
from tests.storage.factories import make_model
from tests.webapp import factories
from tests.webapp.outbox import Outbox
from webapp import erasure
from webapp.database import session as asking
from webapp.enqueue import SCORE_REVIEWS


@pytest.fixture
def product(session: Session, workspace: Workspace) -> Product:
    made = factories.product(session, workspace, external_id="K1")
    factories.review(session, made, user_key="buyer-1")
    return made


@pytest.fixture
def model(session: Session, settings: Settings, product: Product) -> Path:
    """The folder of a model that was trained on the product."""
    made = make_model(session, product.workspace_id, product.id, path="m1")
    folder = settings.artifacts_dir / made.path
    folder.mkdir(parents=True)
    session.commit()
    return folder


def test_the_receipt_is_what_the_log_holds_and_the_files_go(
    app: Flask, session: Session, product: Product, model: Path
) -> None:
    with app.test_request_context("/"):
        receipt = erasure.erase_product(session, product.workspace_id, product.id)
    entry = session.query(AuditEntry).one()
    assert (entry.action, entry.target, entry.hash) == ("erase.product", "K1", receipt["hash"])
    assert entry.after == {name: receipt[name] for name in ("rows", "uploads", "models")}
    assert (receipt["rows"]["reviews"], receipt["models"], model.exists()) == (1, 1, False)


def test_a_worker_is_woken_for_what_a_shopper_leaves_behind(
    app: Flask, workspace: Workspace, product: Product, outbox: Outbox
) -> None:
    with app.test_request_context("/"):
        erasure.erase_shopper(asking, workspace.id, "nobody")
        assert outbox.sent == []
        erasure.erase_shopper(asking, workspace.id, "buyer-1")
    assert {task for task, _args, _queue in outbox.sent} == {SCORE_REVIEWS}


def test_a_neighbours_product_stays_and_nothing_is_noted(
    app: Flask, session: Session, stranger_workspace: Workspace, product: Product, model: Path
) -> None:
    with app.test_request_context("/"), pytest.raises(NotFound, match=str(product.id)):
        erasure.erase_product(session, stranger_workspace.id, product.id)
    assert (session.query(AuditEntry).count(), model.exists()) == (0, True)
