from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from storage import audit
from storage.audit import Actor, hash_of, list_entries, record, verify
from storage.models import AuditEntry

LI = Actor("li@example.com", user_id=3, address="10.0.0.7")


def fill(session: Session, workspace_id: int, count: int = 4) -> list[AuditEntry]:
    made = [
        record(session, workspace_id, LI, "token.create", f"T{n}", before={"role": "viewer"}, after={"n": n})
        for n in range(count)
    ]
    session.commit()
    return made


def verdict_of(session: Session, workspace_id: int) -> audit.Verdict:
    [found] = [one for one in verify(session) if one.workspace_id == workspace_id]
    return found


def tamper(session: Session, sql: str, **values: Any) -> None:
    """Change rows as somebody does who may drop the trigger."""
    session.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER USER"))
    session.execute(text(sql), values)
    session.execute(text("ALTER TABLE audit_entries ENABLE TRIGGER USER"))
    session.commit()
    session.expire_all()


def test_entries_are_chained_in_their_workspace(session: Session, workspace_id: int, other_id: int) -> None:
    first, second, *_ = fill(session, workspace_id)
    [elsewhere] = fill(session, other_id, 1)
    assert (first.place, first.previous) == (1, audit.START)
    assert (second.place, second.previous) == (2, first.hash)
    assert elsewhere.previous == audit.START
    assert second.hash == hash_of(second) != first.hash


def test_a_whole_chain_is_verified_to_its_head(session: Session, workspace_id: int) -> None:
    made = fill(session, workspace_id, 5)
    assert verdict_of(session, workspace_id) == audit.Verdict(workspace_id, 5, made[-1].hash)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_entries SET actor = 'somebody else'",
        "UPDATE audit_entries SET hash = hash",
        "DELETE FROM audit_entries",
        "TRUNCATE audit_entries",
    ],
)
def test_the_database_refuses_changes(session: Session, workspace_id: int, sql: str) -> None:
    fill(session, workspace_id)
    with pytest.raises(DBAPIError, match="only added to"), session.begin_nested():
        session.execute(text(sql))


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'x'",
        "address = ''",
        "action = 'login'",
        "target = ''",
        "before = NULL",
        """after = '{"n": 9}'""",
        "at = at + interval '1 microsecond'",
        "user_id = NULL",
        "token_id = 1",
    ],
)
def test_a_changed_field_is_found(session: Session, workspace_id: int, change: str) -> None:
    made = fill(session, workspace_id)
    tamper(session, f"UPDATE audit_entries SET {change} WHERE id = :id", id=made[1].id)
    found = verdict_of(session, workspace_id)
    assert (found.entries, found.broken) == (1, "entry 2 was changed")


def test_a_missing_entry_is_found(session: Session, workspace_id: int) -> None:
    made = fill(session, workspace_id)
    tamper(session, "DELETE FROM audit_entries WHERE id = :id", id=made[1].id)
    assert verdict_of(session, workspace_id).broken == "entry 3 stands where entry 2 should be"


def test_a_chain_written_anew_is_found_by_a_hash_noted_elsewhere(session: Session, workspace_id: int) -> None:
    made = fill(session, workspace_id)
    first, noted = made[0].hash, made[-1].hash
    tamper(session, "DELETE FROM audit_entries WHERE id = :id", id=made[-1].id)
    record(session, workspace_id, LI, "token.create", "another")
    assert verdict_of(session, workspace_id).broken == ""
    assert verify(session, noted)[-1].broken == "no chain holds the entry that was noted"
    assert verify(session, first)[-1].broken == ""


def test_values_survive_the_way_through_the_database(session: Session, workspace_id: int) -> None:
    after = {
        "share": 0.1,
        "many": 1e21,
        "when": datetime(2026, 6, 1, tzinfo=UTC),
        "词": ["好", None, True],
        "\x00": 1,
    }
    record(session, workspace_id, Actor("李\x00"), "settings", "é" * 900, after=after)
    session.commit()
    session.expire_all()
    assert verdict_of(session, workspace_id).broken == ""


def test_the_newest_come_first_page_by_page(session: Session, workspace_id: int, other_id: int) -> None:
    fill(session, workspace_id, 3)
    record(session, workspace_id, LI, "login")
    fill(session, other_id, 1)
    first = list_entries(session, workspace_id, limit=3)
    rest = list_entries(session, workspace_id, cursor=first.next, limit=3)
    assert [entry.place for entry in (*first.items, *rest.items)] == [4, 3, 2, 1]
    assert rest.next is None
    assert [entry.action for entry in list_entries(session, workspace_id, action="log").items] == ["login"]
