import pytest
from sqlalchemy.orm import Session

from tests.storage.factories import make_workspace


@pytest.fixture
def workspace_id(session: Session) -> int:
    return make_workspace(session).id


@pytest.fixture
def other_id(session: Session) -> int:
    """Another tenant, who must never see anything."""
    return make_workspace(session).id
