from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage import accounts
from storage.errors import NotFound, Taken
from storage.models import ApiToken, Workspace


def test_a_workspace_is_found_by_its_name_and_by_no_other(session: Session) -> None:
    made = accounts.create_workspace(session, "旗舰店")
    assert accounts.find_workspace(session, "旗舰店") is made
    assert accounts.find_workspace(session, "旗舰") is None
    assert accounts.get_workspace(session, made.id).data_version == 0
    assert made in accounts.list_workspaces(session)


def test_a_second_workspace_of_the_same_name_is_refused_and_the_session_goes_on(session: Session) -> None:
    accounts.create_workspace(session, "旗舰店")
    with pytest.raises(Taken, match="旗舰店"):
        accounts.create_workspace(session, "旗舰店")
    assert session.scalars(select(Workspace).where(Workspace.name == "旗舰店")).one()


def test_an_unknown_workspace_is_named(session: Session) -> None:
    with pytest.raises(NotFound, match="987654"):
        accounts.get_workspace(session, 987654)


def test_addresses_are_the_same_in_any_case(session: Session) -> None:
    user = accounts.create_user(session, " Li@Example.com ", "hash", name="李")
    assert user.email == "li@example.com"
    assert user.is_active is True
    assert accounts.find_user(session, "LI@example.COM") is user
    assert accounts.get_user(session, user.id) is user
    with pytest.raises(Taken, match=r"li@example\.com"):
        accounts.create_user(session, "LI@EXAMPLE.COM", "other")


def test_a_role_can_be_given_changed_and_taken(session: Session, workspace_id: int, other_id: int) -> None:
    user = accounts.create_user(session, "a@example.com", "hash")
    accounts.set_membership(session, workspace_id, user.id, "viewer")
    changed = accounts.set_membership(session, workspace_id, user.id, "owner")
    assert changed.role == "owner"
    assert changed.workspace.id == workspace_id
    assert [m.user.email for m in accounts.members(session, workspace_id)] == ["a@example.com"]
    assert [m.workspace_id for m in accounts.memberships_of(session, user.id)] == [workspace_id]
    assert accounts.get_membership(session, other_id, user.id) is None
    accounts.remove_member(session, workspace_id, user.id)
    assert accounts.members(session, workspace_id) == []
    with pytest.raises(NotFound):
        accounts.remove_member(session, workspace_id, user.id)


def token(session: Session, workspace_id: int, token_hash: str, **fields: object) -> ApiToken:
    return accounts.create_token(
        session, workspace_id, name="etl", role="analyst", token_hash=token_hash, **fields
    )


def test_a_live_token_is_found_and_its_use_noted_once_a_minute(session: Session, workspace_id: int) -> None:
    made = token(session, workspace_id, "aa", prefix="fp_aa")
    assert made.last_used_at is None
    assert accounts.find_token(session, "aa") is made
    assert not accounts.was_just_used(made)
    accounts.note_use(session, made.id)
    assert accounts.was_just_used(made)


def test_a_use_after_a_while_is_noted_again(session: Session, workspace_id: int) -> None:
    made = token(session, workspace_id, "aa")
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    made.last_used_at = long_ago
    session.flush()
    assert not accounts.was_just_used(made)
    accounts.note_use(session, made.id)
    assert made.last_used_at > long_ago


def test_dead_tokens_are_not_found(session: Session, workspace_id: int, other_id: int) -> None:
    gone = token(session, workspace_id, "revoked")
    token(session, workspace_id, "expired", expires_at=datetime.now(UTC) - timedelta(days=1))
    token(session, workspace_id, "lasting", expires_at=datetime.now(UTC) + timedelta(days=1))
    with pytest.raises(NotFound):
        accounts.revoke_token(session, other_id, gone.id)
    assert accounts.find_token(session, "revoked") is gone
    accounts.revoke_token(session, workspace_id, gone.id)
    assert accounts.find_token(session, "revoked") is None
    assert accounts.find_token(session, "expired") is None
    assert accounts.find_token(session, "lasting") is not None
    assert len(accounts.list_tokens(session, workspace_id)) == 3
    assert accounts.list_tokens(session, other_id) == []


def test_only_failed_and_recent_logins_count(session: Session) -> None:
    since = datetime.now(UTC) - timedelta(minutes=15)
    accounts.record_login(session, "A@example.com", "10.0.0.1", False)
    accounts.record_login(session, "a@example.com", "10.0.0.2", False)
    accounts.record_login(session, "a@example.com", "10.0.0.1", True)
    accounts.record_login(session, "b@example.com", "10.0.0.1", False)
    assert accounts.failed_logins(session, "a@EXAMPLE.com", "10.0.0.1", since) == (2, 2)
    later = datetime.now(UTC) + timedelta(hours=1)
    assert accounts.failed_logins(session, "a@example.com", "10.0.0.1", later) == (0, 0)


def test_deleting_a_workspace_takes_its_rows_along(session: Session, workspace_id: int) -> None:
    token(session, workspace_id, "aa")
    session.delete(accounts.get_workspace(session, workspace_id))
    session.flush()
    assert session.scalar(select(ApiToken).where(ApiToken.token_hash == "aa")) is None


def test_an_unknown_role_is_refused_by_the_database(session: Session, workspace_id: int) -> None:
    made = token(session, workspace_id, "aa")
    with pytest.raises(Exception, match="ck_api_tokens_role"), session.begin_nested():
        session.execute(update(ApiToken).where(ApiToken.id == made.id).values(role="god"))


@pytest.mark.parametrize("text", ["li@example.com", "li+shop@mail", "李@例子.cn", "o'neil_=x@a-b.co"])
def test_an_address(text: str) -> None:
    assert accounts.is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "li",
            "@",
            "li@",
            "a@b@c",
            "a b@c",
            "a@b, c@d",
            "a@b;",
            "x:a@b",
            "a@b\n",
            "a@b\u2028",
            "a\x01@b",
        ),
        *('"a@b', "(a@b", "a@[b", "a\\@b", "<a@b>", "=?x?b?.?=@b", f"{'a' * 254}@b"),
    ],
)
def test_what_a_header_would_not_hold_as_one_address(text: str) -> None:
    assert not accounts.is_address(text)
