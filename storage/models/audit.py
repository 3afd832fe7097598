"""Who did what: a chain of entries that no statement may change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Id, Owned, Words


class AuditEntry(Owned, Base):
    """One act; `hash` covers the entry and the hash of the one before it in the same workspace.

    A trigger refuses every UPDATE, DELETE and TRUNCATE. The workspace is no foreign key, for its history
    outlives it; 0 stands for what belongs to no workspace, such as a refused login of somebody unknown.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (Index("uq_audit_entries_place", "workspace_id", "place", unique=True),)

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(BigInteger)
    place: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    actor: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    token_id: Mapped[int | None] = mapped_column(BigInteger)
    address: Mapped[Words]
    action: Mapped[str]
    target: Mapped[Words]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    previous: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text)
