from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from storage import shares, snapshots
from storage.errors import NotFound
from storage.models import Snapshot
from tests.storage.test_exports import make_product


@pytest.fixture
def frozen(session: Session, workspace_id: int) -> Snapshot:
    return snapshots.take(session, make_product(session, workspace_id))


def test_a_link_opens_its_snapshot_until_it_is_taken_back(
    session: Session, workspace_id: int, other_id: int, frozen: Snapshot
) -> None:
    opened = shares.add_share(session, frozen, "hash")
    assert shares.find_share(session, "hash") is opened
    assert shares.find_share(session, "other") is None
    assert shares.list_shares(session, workspace_id, frozen.product_id) == [opened]
    with pytest.raises(NotFound):
        shares.revoke_share(session, other_id, opened.id)
    shares.revoke_share(session, workspace_id, opened.id)
    assert shares.find_share(session, "hash") is None
    assert shares.list_shares(session, workspace_id, frozen.product_id) == []


def test_a_link_expires(session: Session, frozen: Snapshot) -> None:
    opened = shares.add_share(session, frozen, "hash", days=7)
    assert timedelta(days=6) < opened.expires_at - datetime.now(UTC) <= timedelta(days=7)
    opened.expires_at = datetime.now(UTC) - timedelta(seconds=1)
    session.flush()
    assert shares.find_share(session, "hash") is None


@pytest.mark.parametrize("days", [0, 366])
def test_a_link_is_open_for_a_year_at_most(session: Session, frozen: Snapshot, days: int) -> None:
    with pytest.raises(ValueError, match="365"):
        shares.add_share(session, frozen, "hash", days=days)
