from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from storage.models import AuditEntry, Workspace
from tests.storage.models.rows import count, put, refusal, remove


def entry(workspace_id: int, place: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "workspace_id": workspace_id,
        "place": place,
        "at": datetime(2026, 6, 1, tzinfo=UTC),
        "actor": "li@example.com",
        "action": "login",
        "previous": "0" * 64,
        "hash": "1" * 64,
        **fields,
    }


def test_each_place_of_a_chain_is_taken_once(session: Session, workspace_id: int, other_id: int) -> None:
    put(session, AuditEntry, **entry(workspace_id))
    assert refusal(session, AuditEntry, **entry(workspace_id)) == "uq_audit_entries_place"
    assert refusal(session, AuditEntry, **entry(workspace_id, 2)) is None
    assert refusal(session, AuditEntry, **entry(other_id)) is None


def test_what_is_not_told_is_null_and_not_a_word_of_json(session: Session, workspace_id: int) -> None:
    made = put(session, AuditEntry, **entry(workspace_id, before=None, after={}))
    assert (made.address, made.target, made.user_id, made.token_id) == ("", "", None, None)
    row = session.execute(
        text("SELECT before IS NULL, after IS NULL FROM audit_entries WHERE id = :id"), {"id": made.id}
    )
    assert row.one() == (True, False)


def test_history_outlives_the_workspace_and_needs_none(session: Session, workspace_id: int) -> None:
    put(session, AuditEntry, **entry(workspace_id))
    put(session, AuditEntry, **entry(0))
    remove(session, session.get_one(Workspace, workspace_id))
    assert count(session, AuditEntry, workspace_id=workspace_id) == 1
