"""Rules that watch products, what they found, whom to tell, and what is to be told."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.models.base import Base, Created, Id, Json, Owned, Words, one_of
from storage.models.queued import Queued

CHANNELS = ("wecom", "dingtalk", "feishu", "email", "webhook")
ALERT_STATES = ("open", "acknowledged", "fixing", "resolved", "ignored")

Ids = list[int]


class AlertRule(Owned, Base):
    """What a workspace wants to be told of; `scope` holds product_ids, or category, brand and shop.

    `checked` names the state of the data that it last looked at: a rule whose differs from today's is stale.
    Hours are by the shop's clock, None for no quiet time.
    """

    __tablename__ = "alert_rules"

    id: Mapped[Id]
    name: Mapped[str]
    kind: Mapped[str]
    aspect: Mapped[Words]
    sensitivity: Mapped[int] = mapped_column(server_default="3")
    scope: Mapped[Json]
    destination_ids: Mapped[Ids] = mapped_column(ARRAY(BigInteger), server_default="{}")
    throttle_hours: Mapped[int] = mapped_column(server_default="24")
    quiet_from: Mapped[int | None]
    quiet_to: Mapped[int | None]
    is_on: Mapped[bool] = mapped_column(server_default="true")
    checked: Mapped[Words]
    created_at: Mapped[Created]


class AlertItem(Owned, Base):
    """One issue of a product, however often it is seen: it is opened again rather than written twice.

    `times` counts spells, not days. `figures` are what the rule saw last; `units_lost` is None where nobody
    can measure it. `effect` compares before and after `resolved_on`.
    """

    __tablename__ = "alert_items"
    __table_args__ = (
        UniqueConstraint("workspace_id", "product_id", "kind", "aspect"),
        CheckConstraint(one_of("state", ALERT_STATES), name="state"),
        Index("ix_alert_items_ranked", "workspace_id", "state", text("units_lost DESC NULLS LAST")),
    )

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), index=True)
    rule_id: Mapped[int | None] = mapped_column(ForeignKey("alert_rules.id", ondelete="SET NULL"))
    kind: Mapped[str]
    aspect: Mapped[Words]
    state: Mapped[str] = mapped_column(server_default="open")
    first_seen: Mapped[date]
    last_seen: Mapped[date]
    times: Mapped[int] = mapped_column(server_default="1")
    figures: Mapped[Json]
    strength: Mapped[float] = mapped_column(server_default="0")
    units_lost: Mapped[float | None]
    evidence: Mapped[Ids] = mapped_column(ARRAY(BigInteger), server_default="{}")
    resolved_on: Mapped[date | None]
    effect: Mapped[Json]
    told_at: Mapped[datetime | None]
    created_at: Mapped[Created]


class Destination(Owned, Base):
    """Where people are told; `sealed` holds address and secret encrypted, `shown` is what pages print of it.

    `sent` are the moments of the last minute's messages, so that no channel's limit is overrun.
    """

    __tablename__ = "destinations"
    __table_args__ = (CheckConstraint(one_of("kind", CHANNELS), name="kind"),)

    id: Mapped[Id]
    kind: Mapped[str]
    name: Mapped[str]
    language: Mapped[str] = mapped_column(server_default="zh")
    sealed: Mapped[str]
    shown: Mapped[str]
    sent: Mapped[list[datetime]] = mapped_column(ARRAY(DateTime(timezone=True)), server_default="{}")
    created_at: Mapped[Created]


class Message(Queued, Owned, Base):
    """Something to tell at a destination; several go out as one."""

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_due", "not_before", postgresql_where=text("ended_at IS NULL")),
        Index("ix_messages_destination", "destination_id"),
    )

    destination_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("destinations.id", ondelete="CASCADE"))

    destination: Mapped[Destination] = relationship()
