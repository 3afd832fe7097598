"""Addresses that are told of ended jobs, and what is to be told."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.models.base import Base, Created, Id, Owned
from storage.models.queued import Queued


class Webhook(Owned, Base):
    """Where a workspace wants to be told; `secret` signs what is sent."""

    __tablename__ = "webhooks"

    id: Mapped[Id]
    url: Mapped[str]
    secret: Mapped[str]
    created_at: Mapped[Created]


class Delivery(Queued, Owned, Base):
    """A message to a webhook."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_due", "not_before", postgresql_where=text("ended_at IS NULL")),
        Index("ix_deliveries_webhook", "webhook_id"),
    )

    webhook_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("webhooks.id", ondelete="CASCADE"))

    webhook: Mapped[Webhook] = relationship(lazy="joined")
