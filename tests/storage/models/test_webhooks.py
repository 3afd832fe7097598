import pytest
from sqlalchemy.orm import Session

from storage.models import Delivery, Webhook, Workspace
from tests.storage.models.rows import count, put, refusal, remove

URL = "https://hooks.example.com/"


def hook(session: Session, workspace_id: int) -> Webhook:
    return put(session, Webhook, workspace_id=workspace_id, url=URL, secret="s")


def test_a_message_knows_where_it_goes(session: Session, workspace_id: int) -> None:
    sent = put(session, Delivery, workspace_id=workspace_id, webhook_id=hook(session, workspace_id).id)
    assert sent.webhook.url == URL


@pytest.mark.parametrize("column", ["url", "secret"])
def test_a_webhook_has_an_address_and_a_secret(session: Session, workspace_id: int, column: str) -> None:
    values = {"workspace_id": workspace_id, "url": URL, "secret": "s"}
    assert refusal(session, Webhook, **{**values, column: None}) == column


def test_a_webhook_takes_its_messages_with_it_and_leaves_the_others(
    session: Session, workspace_id: int
) -> None:
    gone, kept = hook(session, workspace_id), hook(session, workspace_id)
    for one in (gone, kept):
        put(session, Delivery, workspace_id=workspace_id, webhook_id=one.id)
    gone_id = gone.id
    remove(session, gone)
    assert count(session, Delivery, webhook_id=gone_id) == 0
    assert count(session, Delivery, webhook_id=kept.id) == 1


def test_a_workspace_takes_both_with_it(session: Session, workspace_id: int, other_id: int) -> None:
    for tenant in (workspace_id, other_id):
        put(session, Delivery, workspace_id=tenant, webhook_id=hook(session, tenant).id)
    remove(session, session.get_one(Workspace, workspace_id))
    for model in (Webhook, Delivery):
        assert count(session, model, workspace_id=workspace_id) == 0
        assert count(session, model, workspace_id=other_id) == 1
