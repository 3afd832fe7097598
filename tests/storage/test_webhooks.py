import pytest
from sqlalchemy.orm import Session

from storage import webhooks
from storage.errors import Conflict, NotFound
from storage.models import Delivery


def tell(session: Session, workspace_id: int) -> Delivery:
    webhooks.add_webhook(session, workspace_id, "https://hooks.example/a", "secret")
    assert webhooks.announce(session, workspace_id, {"event": "test"}) == 1
    delivery = webhooks.due(session)
    assert delivery is not None
    return delivery


def test_a_message_that_was_taken_is_due_no_more(session: Session, workspace_id: int) -> None:
    webhooks.settle(session, tell(session, workspace_id), 204)
    assert webhooks.due(session) is None


def test_a_refused_message_waits_longer_each_time_and_is_given_up(
    session: Session, workspace_id: int
) -> None:
    delivery, times = tell(session, workspace_id), []
    for _ in range(webhooks.MOST_ATTEMPTS):
        assert delivery.ended_at is None
        webhooks.settle(session, delivery, 500, "x" * 999)
        times.append(delivery.not_before)
    assert times[:-1] == sorted(set(times[:-1]))
    assert delivery.ended_at is not None
    assert len(delivery.error) == webhooks.LONGEST_ERROR


def test_a_workspace_has_ten_at_most_and_no_neighbour_removes_one(
    session: Session, workspace_id: int, other_id: int
) -> None:
    rows = [webhooks.add_webhook(session, workspace_id, "https://h.example/", "s") for _ in range(10)]
    with pytest.raises(Conflict, match="at most 10"):
        webhooks.add_webhook(session, workspace_id, "https://h.example/", "s")
    with pytest.raises(NotFound):
        webhooks.remove_webhook(session, other_id, rows[0].id)
    webhooks.remove_webhook(session, workspace_id, rows[0].id)
    assert len(webhooks.list_webhooks(session, workspace_id)) == 9
