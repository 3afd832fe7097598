from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from storage.models import ROLES, ApiToken, IdempotencyKey, Membership, RecoveryCode, User, Workspace
from storage.models.accounts import LoginAttempt
from tests.storage.models.rows import count, put, refusal, remove


@pytest.fixture
def user(session: Session) -> User:
    return put(session, User, email="li@example.com", password_hash="hash")


def token_of(workspace_id: int, token_hash: str, role: str = "viewer") -> dict[str, object]:
    return {"workspace_id": workspace_id, "name": "etl", "role": role, "token_hash": token_hash}


def test_a_new_workspace_starts_at_the_first_state_of_its_data(session: Session) -> None:
    workspace = put(session, Workspace, name="新店")
    assert workspace.data_version == 0
    assert workspace.created_at.tzinfo is not None
    assert abs(datetime.now(UTC) - workspace.created_at) < timedelta(minutes=1)


def test_the_database_itself_refuses_a_second_workspace_of_a_name(session: Session) -> None:
    put(session, Workspace, name="旗舰店")
    assert refusal(session, Workspace, name="旗舰店") == "uq_workspaces_name"
    assert refusal(session, Workspace, name="旗舰店 ") is None


def test_a_new_user_may_log_in_has_no_name_and_no_language(session: Session, user: User) -> None:
    assert user.is_active is True
    assert user.name == ""
    assert user.language is None
    assert user.last_login_at is None


def test_an_address_belongs_to_one_user(session: Session, user: User) -> None:
    assert refusal(session, User, email=user.email, password_hash="other") == "uq_users_email"


@pytest.mark.parametrize("missing", ["email", "password_hash"])
def test_a_user_needs_an_address_and_a_password(session: Session, missing: str) -> None:
    values = {"email": "wang@example.com", "password_hash": "hash"}
    assert refusal(session, User, **{**values, missing: None}) == missing


@pytest.mark.parametrize("role", ROLES)
def test_every_role_can_be_held_by_people_and_by_programs(
    session: Session, workspace_id: int, user: User, role: str
) -> None:
    assert refusal(session, Membership, workspace_id=workspace_id, user_id=user.id, role=role) is None
    assert refusal(session, ApiToken, **token_of(workspace_id, "aa", role)) is None


@pytest.mark.parametrize("role", ["admin", "Owner", ""])
def test_no_other_role_can_be_held(session: Session, workspace_id: int, user: User, role: str) -> None:
    member = {"workspace_id": workspace_id, "user_id": user.id, "role": role}
    assert refusal(session, Membership, **member) == "ck_memberships_role"
    assert refusal(session, ApiToken, **token_of(workspace_id, "aa", role)) == "ck_api_tokens_role"


def test_a_user_has_one_role_in_a_workspace_and_another_elsewhere(
    session: Session, workspace_id: int, other_id: int, user: User
) -> None:
    put(session, Membership, workspace_id=workspace_id, user_id=user.id, role="owner")
    again = {"user_id": user.id, "role": "viewer"}
    assert refusal(session, Membership, workspace_id=workspace_id, **again) == "pk_memberships"
    assert refusal(session, Membership, workspace_id=other_id, **again) is None


def test_a_member_must_be_a_user_of_a_workspace_that_exists(
    session: Session, workspace_id: int, user: User
) -> None:
    nobody = {"workspace_id": workspace_id, "user_id": -1, "role": "viewer"}
    nowhere = {"workspace_id": -1, "user_id": user.id, "role": "viewer"}
    assert refusal(session, Membership, **nobody) == "fk_memberships_user_id"
    assert refusal(session, Membership, **nowhere) == "fk_memberships_workspace_id"


def test_a_membership_names_its_user_and_workspace(session: Session, workspace_id: int, user: User) -> None:
    member = put(session, Membership, workspace_id=workspace_id, user_id=user.id, role="owner")
    assert member.user is user
    assert member.workspace.id == workspace_id


def test_who_leaves_takes_the_memberships_but_the_tokens_stay(
    session: Session, workspace_id: int, user: User
) -> None:
    put(session, Membership, workspace_id=workspace_id, user_id=user.id, role="owner")
    token = put(session, ApiToken, created_by=user.id, **token_of(workspace_id, "aa"))
    remove(session, user)
    assert count(session, Membership, workspace_id=workspace_id) == 0
    assert token.created_by is None
    assert token.revoked_at is None


def test_a_workspace_takes_its_own_keys_with_it_and_nobody_elses(
    session: Session, workspace_id: int, other_id: int, user: User
) -> None:
    for tenant in (workspace_id, other_id):
        put(session, Membership, workspace_id=tenant, user_id=user.id, role="owner")
        put(session, ApiToken, **token_of(tenant, f"hash {tenant}"))
        put(session, IdempotencyKey, workspace_id=tenant, key="k", fingerprint="f")
    remove(session, session.get_one(Workspace, workspace_id))
    for model in (Membership, ApiToken, IdempotencyKey):
        assert count(session, model, workspace_id=workspace_id) == 0
        assert count(session, model, workspace_id=other_id) == 1
    assert count(session, User, id=user.id) == 1


def test_two_tokens_never_share_a_secret_even_between_tenants(
    session: Session, workspace_id: int, other_id: int
) -> None:
    made = put(session, ApiToken, **token_of(workspace_id, "aa"))
    assert made.prefix == ""
    assert (made.expires_at, made.last_used_at, made.revoked_at) == (None, None, None)
    assert refusal(session, ApiToken, **token_of(other_id, "aa")) == "uq_api_tokens_token_hash"
    assert refusal(session, ApiToken, **token_of(workspace_id, "bb")) is None


def test_a_try_to_log_in_is_kept_for_an_address_nobody_has(session: Session) -> None:
    attempt = put(session, LoginAttempt, email="nobody@example.com", address="::1", succeeded=False)
    assert abs(datetime.now(UTC) - attempt.at) < timedelta(minutes=1)
    assert refusal(session, LoginAttempt, email="a", address="::1", succeeded=None) == "succeeded"


def test_a_write_is_claimed_once_in_its_workspace(session: Session, workspace_id: int, other_id: int) -> None:
    claimed = put(session, IdempotencyKey, workspace_id=workspace_id, key="k", fingerprint="f")
    assert claimed.status is None
    assert (claimed.headers, claimed.body) == ({}, {})
    again = {"key": "k", "fingerprint": "different"}
    assert refusal(session, IdempotencyKey, workspace_id=workspace_id, **again) == "pk_idempotency_keys"
    assert refusal(session, IdempotencyKey, workspace_id=other_id, **again) is None


def test_a_recovery_code_belongs_to_a_user_and_goes_with_them(session: Session, user: User) -> None:
    put(session, RecoveryCode, user_id=user.id, code_hash="a")
    other = put(session, User, email="wang@example.com", password_hash="hash")
    put(session, RecoveryCode, user_id=other.id, code_hash="a")
    twice = refusal(session, RecoveryCode, user_id=user.id, code_hash="a")
    assert twice == "uq_recovery_codes_user_id_code_hash"
    user_id = user.id
    remove(session, user)
    assert count(session, RecoveryCode, user_id=user_id) == 0
    assert count(session, RecoveryCode, user_id=other.id) == 1
