import pytest
from sqlalchemy.orm import Session

from storage.models import Delivery, Destination, Message, Webhook
from storage.models.queued import Queued
from tests.storage.models.rows import put, refusal


def delivery(session: Session, workspace_id: int) -> Delivery:
    hook = put(session, Webhook, workspace_id=workspace_id, url="https://hooks.example.com/", secret="s")
    return put(session, Delivery, workspace_id=workspace_id, webhook_id=hook.id)


def message(session: Session, workspace_id: int) -> Message:
    place = {"kind": "wecom", "name": "组", "sealed": "s", "shown": "…"}
    destination = put(session, Destination, workspace_id=workspace_id, **place)
    return put(session, Message, workspace_id=workspace_id, destination_id=destination.id)


MADE = {Delivery: delivery, Message: message}


def test_every_queue_is_looked_at_here() -> None:
    assert set(Queued.__subclasses__()) == set(MADE)


@pytest.mark.parametrize("queue", MADE)
def test_a_message_is_due_at_once_and_not_ended(
    session: Session, workspace_id: int, queue: type[Delivery | Message]
) -> None:
    sent = MADE[queue](session, workspace_id)
    assert (sent.body, sent.attempts, sent.status, sent.error, sent.ended_at) == ({}, 0, None, "", None)
    assert sent.not_before == sent.created_at


@pytest.mark.parametrize(("queue", "to"), [(Delivery, "webhook_id"), (Message, "destination_id")])
def test_a_message_is_for_somebody_who_exists(
    session: Session, workspace_id: int, queue: type[Delivery | Message], to: str
) -> None:
    found = refusal(session, queue, workspace_id=workspace_id, **{to: -1})
    assert found == f"fk_{queue.__tablename__}_{to}"
