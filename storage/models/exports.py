"""Frozen reports, the files made of them, the links that show them, and who gets one each week."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.models.base import Base, Created, Id, Owned, Words, one_of
from storage.models.catalogue import Product

FORMATS = ("xlsx", "pdf")


class Snapshot(Owned, Base):
    """The figures of a product's report at a moment, as canonical JSON, and the SHA-256 of that text."""

    __tablename__ = "snapshots"
    __table_args__ = (Index("ix_snapshots_product", "product_id"),)

    id: Mapped[Id]
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("products.id", ondelete="CASCADE"))
    body: Mapped[str]
    hash: Mapped[str]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[Created]


class Subscription(Owned, Base):
    """Somebody who gets a product's report each Monday; without a product, the overview of all.

    `sent_for` is the Monday of the newest one; without a destination it is only listed on the page.
    """

    __tablename__ = "subscriptions"
    __table_args__ = (
        UniqueConstraint("user_id", "workspace_id", "product_id", postgresql_nulls_not_distinct=True),
        CheckConstraint(one_of("format", FORMATS), name="format"),
    )

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), index=True)
    destination_id: Mapped[int | None] = mapped_column(
        ForeignKey("destinations.id", ondelete="SET NULL"), index=True
    )
    format: Mapped[str]
    language: Mapped[str]
    sent_for: Mapped[date | None]
    created_at: Mapped[Created]

    product: Mapped[Product | None] = relationship(lazy="joined")


class Export(Owned, Base):
    """A file to download that a job makes; `path`, relative to the exports folder, is empty until then.

    One without a product is the overview of the workspace.
    """

    __tablename__ = "exports"
    __table_args__ = (
        CheckConstraint(one_of("format", FORMATS), name="format"),
        Index("ix_exports_product", "product_id"),
    )

    id: Mapped[Id]
    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), unique=True)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"))
    snapshot_id: Mapped[int | None] = mapped_column(
        ForeignKey("snapshots.id", ondelete="CASCADE"), index=True
    )
    subscription_id: Mapped[int | None] = mapped_column(ForeignKey("subscriptions.id", ondelete="SET NULL"))
    format: Mapped[str]
    language: Mapped[str]
    name: Mapped[str]
    path: Mapped[Words]
    size: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[Words]
    created_at: Mapped[Created]


class Share(Owned, Base):
    """A link that shows a snapshot without a login until it expires; only its SHA-256 is kept."""

    __tablename__ = "shares"

    id: Mapped[Id]
    snapshot_id: Mapped[int] = mapped_column(ForeignKey("snapshots.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[Created]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    snapshot: Mapped[Snapshot] = relationship(lazy="joined")
