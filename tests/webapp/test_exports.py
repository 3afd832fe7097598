from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import snapshots
from storage.errors import NotFound
from storage.exports import export_of
from storage.models import AuditEntry, Workspace
from tests.webapp import factories
from tests.webapp.outbox import Outbox
from webapp.enqueue import EXPORT_FILE, attach
from webapp.exports import request_export, request_overview, send


@pytest.fixture(autouse=True)
def asked(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"):
        yield


def test_a_file_is_asked_for_once_committed_and_named_by_product_and_day(
    session: Session, workspace: Workspace, outbox: Outbox
) -> None:
    product = factories.product(session, workspace, title="空气炸锅/5L")
    factories.sale(session, product, date(2026, 6, 8), 5.0)
    frozen = snapshots.take(session, product)
    job = request_export(attach(session, outbox), product, frozen, "pdf", date(2026, 6, 8))
    assert outbox.sent == []
    session.commit()
    assert [task for task, *_ in outbox.sent] == [EXPORT_FILE]
    made = export_of(session, workspace.id, job.id)
    assert (made.format, made.language, made.snapshot_id) == ("pdf", "zh", frozen.id)
    assert made.name.endswith("2026-06-08.pdf")
    assert "/" not in made.name
    [entry] = session.scalars(select(AuditEntry).where(AuditEntry.workspace_id == workspace.id))
    assert (entry.action, entry.target) == ("export.start", str(job.id))
    assert entry.after == {"format": "pdf", "snapshot": frozen.hash, "product": product.id}


def test_the_overview_is_of_no_product(session: Session, workspace: Workspace) -> None:
    job = request_overview(session, workspace.id, "全部商品概览")
    made = export_of(session, workspace.id, job.id)
    assert (made.format, made.snapshot_id, made.product_id) == ("xlsx", None, None)
    with pytest.raises(NotFound):
        send(made)
