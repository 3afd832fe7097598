"""Who may see what: workspaces, users, memberships, tokens."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.models.base import Base, Created, Id, Json, Owned, WordList, Words, WorkspaceId, one_of

ROLES = ("owner", "analyst", "viewer")
THEMES = ("auto", "light", "dark")
RISES = ("red", "green")


class Workspace(Base):
    """A tenant. `data_version` rises when a job changed its data."""

    __tablename__ = "workspaces"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    viewers_read_texts: Mapped[bool] = mapped_column(server_default="true")
    retention: Mapped[Json]
    data_version: Mapped[int] = mapped_column(BigInteger, server_default="0")
    created_at: Mapped[Created]


class User(Base):
    """A person who can log in; the address is kept in lower case. `rise` is the colour of what goes up.

    `totp_sealed` is the secret of their second factor, encrypted, and `totp_step` the last step whose code
    they gave.
    """

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint(one_of("theme", THEMES), name="theme"),
        CheckConstraint(one_of("rise", RISES), name="rise"),
    )

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[Words]
    password_hash: Mapped[str]
    language: Mapped[str | None]
    theme: Mapped[str] = mapped_column(server_default="auto")
    rise: Mapped[str] = mapped_column(server_default="red")
    is_active: Mapped[bool] = mapped_column(server_default="true")
    created_at: Mapped[Created]
    last_login_at: Mapped[datetime | None]
    totp_sealed: Mapped[str | None]
    totp_step: Mapped[int | None] = mapped_column(BigInteger)


class RecoveryCode(Base):
    """A code that stands in once for the second factor; only its SHA-256 is kept, and goes with its use."""

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("user_id", "code_hash"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    code_hash: Mapped[str]
    created_at: Mapped[Created]


class SignIn(Base):
    """A session in a browser: the cookie holds a random word, this row its SHA-256.

    `seal` tells which password it was opened with; another password ends it.
    """

    __tablename__ = "sign_ins"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    seal: Mapped[str]
    address: Mapped[Words]
    agent: Mapped[Words]
    created_at: Mapped[Created]


class Mailed:
    """A link that the workers mail: `letter` is sealed, and empty once it went or was given up."""

    letter: Mapped[Words]
    mail_attempts: Mapped[int] = mapped_column(server_default="0")
    mail_error: Mapped[Words]
    mail_after: Mapped[Created]
    mailed_at: Mapped[datetime | None]


class Invitation(Mailed, Base):
    """A link by which somebody joins a workspace once; only its SHA-256 is kept."""

    __tablename__ = "invitations"
    __table_args__ = (CheckConstraint(one_of("role", ROLES), name="role"),)

    id: Mapped[Id]
    workspace_id: Mapped[WorkspaceId]
    email: Mapped[str]
    role: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[Created]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    workspace: Mapped[Workspace] = relationship(lazy="joined")


class PasswordReset(Mailed, Base):
    """A link by which a user chooses a new password once; only its SHA-256 is kept."""

    __tablename__ = "password_resets"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[Created]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="joined")


class Membership(Base):
    """What a user may do in a workspace."""

    __tablename__ = "memberships"
    __table_args__ = (CheckConstraint(one_of("role", ROLES), name="role"),)

    workspace_id: Mapped[int] = mapped_column(
        ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[str]

    workspace: Mapped[Workspace] = relationship(lazy="joined")
    user: Mapped[User] = relationship(lazy="joined")


class ApiToken(Base):
    """A program's key, of which only the SHA-256 is kept; no scopes are all parts of the API."""

    __tablename__ = "api_tokens"
    __table_args__ = (CheckConstraint(one_of("role", ROLES), name="role"),)

    id: Mapped[Id]
    workspace_id: Mapped[WorkspaceId]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    name: Mapped[str]
    role: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    prefix: Mapped[Words]
    scopes: Mapped[WordList]
    created_at: Mapped[Created]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    workspace: Mapped[Workspace] = relationship(lazy="joined")


class LoginAttempt(Base):
    """One try to log in, so that guessing can be slowed down."""

    __tablename__ = "login_attempts"
    __table_args__ = (
        Index("ix_login_attempts_email_at", "email", "at"),
        Index("ix_login_attempts_address_at", "address", "at"),
    )

    id: Mapped[Id]
    email: Mapped[str]
    address: Mapped[str]
    at: Mapped[Created]
    succeeded: Mapped[bool]


class IdempotencyKey(Owned, Base):
    """A write that was asked for once, and its answer; `status` is None until answered."""

    __tablename__ = "idempotency_keys"

    workspace_id: Mapped[int] = mapped_column(
        ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    status: Mapped[int | None]
    headers: Mapped[Json]
    body: Mapped[Json]
    created_at: Mapped[Created]
