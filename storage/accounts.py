"""Workspaces, users, memberships, tokens and login attempts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from storage.errors import NotFound, Taken
from storage.models import ApiToken, LoginAttempt, Membership, User, Workspace
from storage.outages import outage_of

LAST_USE_RESOLUTION = timedelta(minutes=1)
LONGEST_ADDRESS = 254
# None of what makes two addresses, a group, a comment, a quoted or an encoded word of it in a header.
_PART = r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]+"
_ADDRESS = re.compile(rf"(?!.*=\?){_PART}@{_PART}")

# Built once: every call of the API asks it.
_LIVE_TOKEN = select(ApiToken).where(
    ApiToken.token_hash == bindparam("hash"),
    ApiToken.revoked_at.is_(None),
    or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > func.now()),
)


def create_workspace(session: Session, name: str) -> Workspace:
    """Make a tenant.

    Raises
    ------
    Taken
        Another workspace has this name.
    """
    workspace = Workspace(name=name)
    _add_unique(session, workspace, f"a workspace is already called {name!r}")
    return workspace


def get_workspace(session: Session, workspace_id: int) -> Workspace:
    """Return the workspace, or raise `NotFound`."""
    workspace = session.get(Workspace, workspace_id)
    if workspace is None:
        raise NotFound("workspace", workspace_id)
    return workspace


def find_workspace(session: Session, name: str) -> Workspace | None:
    """Return the workspace of this name, or None."""
    return session.scalar(select(Workspace).where(Workspace.name == name))


def list_workspaces(session: Session) -> list[Workspace]:
    """Return every workspace, oldest first."""
    return list(session.scalars(select(Workspace).order_by(Workspace.id)))


def is_address(text: str) -> bool:
    """Tell whether this is one e-mail address, and nothing else to those who read a mail's header."""
    return len(text) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(text) is not None


def create_user(
    session: Session, email: str, password_hash: str, *, name: str = "", language: str | None = None
) -> User:
    """Make a user; the password is hashed by the caller, the address kept in lower case.

    Raises
    ------
    Taken
        The address belongs to another user.
    """
    email = email.strip().lower()
    user = User(email=email, password_hash=password_hash, name=name, language=language)
    _add_unique(session, user, f"a user with the address {email!r} exists already")
    return user


def get_user(session: Session, user_id: int) -> User | None:
    """Return the user, or None."""
    return session.get(User, user_id)


def find_user(session: Session, email: str) -> User | None:
    """Return the user with this address in any case, or None."""
    return session.scalar(select(User).where(User.email == email.strip().lower()))


def set_membership(session: Session, workspace_id: int, user_id: int, role: str) -> Membership:
    """Give a user a role in a workspace, instead of the one they may have had."""
    values = {"workspace_id": workspace_id, "user_id": user_id, "role": role}
    session.execute(
        insert(Membership)
        .values(values)
        .on_conflict_do_update(index_elements=["workspace_id", "user_id"], set_={"role": role})
    )
    return session.get_one(Membership, (workspace_id, user_id), populate_existing=True)


def get_membership(session: Session, workspace_id: int, user_id: int) -> Membership | None:
    """Return what the user may do in the workspace, or None."""
    return session.get(Membership, (workspace_id, user_id))


def memberships_of(session: Session, user_id: int) -> list[Membership]:
    """Return the workspaces a user belongs to, with the roles, oldest workspace first."""
    query = select(Membership).where(Membership.user_id == user_id)
    return list(session.scalars(query.order_by(Membership.workspace_id)))


def members(session: Session, workspace_id: int) -> list[Membership]:
    """Return a workspace's members by address."""
    query = select(Membership).join(User).where(Membership.workspace_id == workspace_id)
    return list(session.scalars(query.order_by(User.email)))


def remove_member(session: Session, workspace_id: int, user_id: int) -> None:
    """Take a user out of a workspace, or raise `NotFound`."""
    membership = get_membership(session, workspace_id, user_id)
    if membership is None:
        raise NotFound("member", user_id)
    session.delete(membership)
    session.flush()


def create_token(
    session: Session,
    workspace_id: int,
    *,
    name: str,
    role: str,
    token_hash: str,
    prefix: str = "",
    created_by: int | None = None,
    expires_at: datetime | None = None,
    scopes: Sequence[str] = (),
) -> ApiToken:
    """Keep a token's SHA-256 (hexadecimal) and the first letters that tell it apart."""
    token = ApiToken(
        workspace_id=workspace_id,
        name=name,
        role=role,
        token_hash=token_hash,
        prefix=prefix,
        created_by=created_by,
        expires_at=expires_at,
        scopes=list(scopes),
    )
    session.add(token)
    session.flush()
    return token


def find_token(session: Session, token_hash: str) -> ApiToken | None:
    """Return the live token with this hash, or None."""
    return session.scalar(_LIVE_TOKEN, {"hash": token_hash})


def was_just_used(token: ApiToken) -> bool:
    """Tell whether a use was noted within the last minute, which is as exactly as they are noted."""
    last = token.last_used_at
    return last is not None and datetime.now(UTC) - last <= LAST_USE_RESOLUTION


def note_use(session: Session, token_id: int) -> None:
    """Keep that a token is used now; while nothing can be written, it is used all the same."""
    try:
        with session.begin_nested():
            used = update(ApiToken).where(ApiToken.id == token_id)
            session.execute(used.values(last_used_at=func.clock_timestamp()))
    except DBAPIError as error:
        if outage_of(error) not in ("full", "read_only"):
            raise


def list_tokens(session: Session, workspace_id: int) -> list[ApiToken]:
    """Return a workspace's tokens, newest first, revoked ones too."""
    query = select(ApiToken).where(ApiToken.workspace_id == workspace_id)
    return list(session.scalars(query.order_by(ApiToken.id.desc())))


def revoke_token(session: Session, workspace_id: int, token_id: int) -> None:
    """End a token's life, or raise `NotFound`."""
    token = session.get(ApiToken, token_id)
    if token is None or token.workspace_id != workspace_id:
        raise NotFound("token", token_id)
    if token.revoked_at is None:
        token.revoked_at = session.scalar(select(func.now()))
    session.flush()


def record_login(session: Session, email: str, address: str, succeeded: bool) -> None:
    """Note one try to log in from a network address."""
    session.add(LoginAttempt(email=email.strip().lower(), address=address, succeeded=succeeded))
    session.flush()


def failed_logins(session: Session, email: str, address: str, since: datetime) -> tuple[int, int]:
    """Count failed tries since a moment: with this e-mail, and from this network address."""
    failed = select(func.count()).where(LoginAttempt.at >= since, ~LoginAttempt.succeeded)
    by_email = session.scalar(failed.where(LoginAttempt.email == email.strip().lower()))
    by_address = session.scalar(failed.where(LoginAttempt.address == address))
    return by_email or 0, by_address or 0


def _add_unique(session: Session, row: Workspace | User, message: str) -> None:
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Taken(message) from error
