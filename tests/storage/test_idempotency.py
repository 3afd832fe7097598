from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, delete, update
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from storage import idempotency
from storage.database import session_factory
from storage.models import IdempotencyKey, Workspace
from tests.storage.factories import make_workspace


@pytest.fixture
def committed_id(engine: Engine) -> Iterator[int]:
    """A workspace that every connection sees, gone after the test."""
    with Session(engine) as session:
        id = make_workspace(session).id
        session.commit()
    yield id
    with Session(engine) as session:
        session.execute(delete(Workspace).where(Workspace.id == id))
        session.commit()


def test_a_key_is_taken_once_and_answers_again(session: Session, workspace_id: int, other_id: int) -> None:
    first = idempotency.claim_key(session, workspace_id, "k", "hash")
    assert (first.status, first.headers, first.body) == (None, {}, {})
    idempotency.save_answer(session, workspace_id, "k", 202, {"Location": "/x"}, {"id": 1})
    again = idempotency.claim_key(session, workspace_id, "k", "another hash")
    assert (again.fingerprint, again.status) == ("hash", 202)
    assert (again.headers, again.body) == ({"Location": "/x"}, {"id": 1})
    assert idempotency.claim_key(session, other_id, "k", "theirs").status is None


def test_an_answer_goes_to_its_workspaces_key_only(
    session: Session, workspace_id: int, other_id: int
) -> None:
    idempotency.claim_key(session, workspace_id, "k", "ours")
    idempotency.claim_key(session, other_id, "k", "theirs")
    idempotency.save_answer(session, workspace_id, "k", 201, {}, {"名": "杯"})
    session.expire_all()
    assert idempotency.claim_key(session, workspace_id, "k", "ours").body == {"名": "杯"}
    assert idempotency.claim_key(session, other_id, "k", "theirs").status is None


def test_no_answer_is_kept_for_a_key_nobody_took(session: Session, workspace_id: int, other_id: int) -> None:
    idempotency.claim_key(session, other_id, "k", "theirs")
    with pytest.raises(NoResultFound):
        idempotency.save_answer(session, workspace_id, "k", 200, {}, {})


def test_old_keys_are_forgotten_and_can_be_taken_anew(session: Session, workspace_id: int) -> None:
    for key in ("old", "new"):
        idempotency.claim_key(session, workspace_id, key, "h")
    long_ago = datetime.now(UTC) - timedelta(days=8)
    session.execute(update(IdempotencyKey).where(IdempotencyKey.key == "old").values(created_at=long_ago))
    assert idempotency.forget_keys(session, days=9) == 0
    assert idempotency.forget_keys(session) == 1
    assert idempotency.forget_keys(session) == 0
    assert session.get(IdempotencyKey, (workspace_id, "new")) is not None
    session.expunge_all()
    assert idempotency.claim_key(session, workspace_id, "old", "again").fingerprint == "again"


@pytest.mark.parametrize(
    ("first_fails", "second"), [(False, ("first", 202)), (True, ("second", None))], ids=["answered", "failed"]
)
def test_the_second_request_waits_and_gets_the_answer_or_the_key(
    engine: Engine, committed_id: int, first_fails: bool, second: tuple[str, int | None]
) -> None:
    sessions = session_factory(engine)

    def ask() -> tuple[str, int | None]:
        with sessions() as session:
            row = idempotency.claim_key(session, committed_id, "k", "second")
            return row.fingerprint, row.status

    with ThreadPoolExecutor(1) as pool:
        with sessions() as session:
            idempotency.claim_key(session, committed_id, "k", "first")
            waiting = pool.submit(ask)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.3)
            if first_fails:
                session.rollback()
            else:
                idempotency.save_answer(session, committed_id, "k", 202, {}, {"id": 1})
                session.commit()
        assert waiting.result(timeout=10) == second
