from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from storage import accounts, subscriptions
from storage.errors import NotFound
from storage.models import Subscription
from tests.storage.factories import make_products

WEEK = date(2026, 11, 16)
NEXT = WEEK + timedelta(days=7)


@pytest.fixture
def user_id(session: Session, workspace_id: int) -> int:
    person = accounts.create_user(session, "li@example.com", "hash")
    accounts.set_membership(session, workspace_id, person.id, "viewer")
    return person.id


def subscribe(session: Session, workspace_id: int, user_id: int, product_id: int | None) -> Subscription:
    wishes = {"format": "xlsx", "language": "zh", "week": WEEK}
    return subscriptions.subscribe(session, workspace_id, user_id, product_id, **wishes)


def test_asked_twice_it_is_one(session: Session, workspace_id: int, user_id: int) -> None:
    [product_id] = make_products(session, workspace_id, "A")
    for about in (None, product_id):
        first = subscribe(session, workspace_id, user_id, about)
        assert subscribe(session, workspace_id, user_id, about).id == first.id
    found = subscriptions.list_subscriptions(session, workspace_id, user_id)
    assert [row.product_id for row in found] == [None, product_id]


def test_the_first_report_is_of_the_next_week(session: Session, workspace_id: int, user_id: int) -> None:
    made = subscribe(session, workspace_id, user_id, None)
    assert subscriptions.due(session, WEEK) == []
    assert subscriptions.due(session, NEXT) == [(workspace_id, made.id)]
    assert subscriptions.take_due(session, made.id, NEXT) is made
    assert subscriptions.take_due(session, made.id, NEXT) is None
    assert subscriptions.due(session, NEXT) == []


def test_only_ones_own_is_ended(session: Session, workspace_id: int, other_id: int, user_id: int) -> None:
    made = subscribe(session, workspace_id, user_id, None)
    for workspace, person in ((other_id, user_id), (workspace_id, user_id + 1)):
        with pytest.raises(NotFound):
            subscriptions.unsubscribe(session, workspace, person, made.id)
    subscriptions.unsubscribe(session, workspace_id, user_id, made.id)
    assert subscriptions.list_subscriptions(session, workspace_id, user_id) == []
