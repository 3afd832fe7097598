"""Products and what shoppers wrote about them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    REAL,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Numeric,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.models.base import Base, Created, Id, Owned, WordList, Words, one_of

LABELS = ("negative", "neutral", "positive", "uncertain")


class Product(Owned, Base):
    """Something sold; `external_id` is the shop's own number for it.

    `job_id` is the import that wrote it last.
    `scored_by` is the version of the analyser that read title and description;
    a row whose version differs from today's is stale. `embedding` is where its
    encoder placed them: as long as the model is wide, loaded only when asked for.
    """

    __tablename__ = "products"
    __table_args__ = (
        UniqueConstraint("workspace_id", "external_id"),
        CheckConstraint("array_ndims(embedding) = 1", name="embedding"),
        Index("ix_products_job", "job_id", postgresql_where=text("job_id IS NOT NULL")),
    )

    id: Mapped[Id]
    external_id: Mapped[str]
    job_id: Mapped[UUID | None]
    title: Mapped[Words]
    description: Mapped[Words]
    category: Mapped[Words]
    brand: Mapped[Words]
    price: Mapped[Decimal | None] = mapped_column(Numeric(14, 4))
    launched_at: Mapped[date | None]
    shop: Mapped[Words]
    analysis: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    embedding: Mapped[list[float] | None] = mapped_column(ARRAY(REAL), deferred=True)
    scored_by: Mapped[str | None]
    created_at: Mapped[Created]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class Review(Owned, Base):
    """One review; `day` is the shop's local day on which it arrived.

    The second half is filled by the analyser and stamped with its version, `scored_by`. A review is suspect
    from the start, or since the day on which a later one gave it away: `suspect_since`. The rows of a month
    lie in a table of their own (`storage.months`). `job_id` is the import that brought it, long gone perhaps.
    """

    __tablename__ = "reviews"
    __table_args__ = (
        CheckConstraint(one_of("label", LABELS), name="label"),
        Index(
            "ix_reviews_product_day",
            "product_id",
            "day",
            postgresql_include=["workspace_id", "label", "score", "is_suspect"],
        ),
        Index(
            "ix_reviews_workspace_day",
            "workspace_id",
            "day",
            postgresql_include=["product_id", "label", "is_suspect"],
        ),
        Index("ix_reviews_newest", "workspace_id", text("created_at DESC"), text("id DESC")),
        Index("ix_reviews_product_newest", "product_id", text("created_at DESC"), text("id DESC")),
        Index("ix_reviews_account", "workspace_id", "user_key", postgresql_where=text("user_key <> ''")),
        {"postgresql_partition_by": "RANGE (day)"},
    )
    __mapper_args__ = {"primary_key": ["id"]}  # noqa: RUF012  (a number is given once over all months)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    workspace_id: Mapped[int] = mapped_column(BigInteger)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"))
    job_id: Mapped[UUID | None] = mapped_column(index=True)
    source: Mapped[Words]
    external_id: Mapped[str]
    created_at: Mapped[datetime]
    day: Mapped[date] = mapped_column(primary_key=True)
    text: Mapped[str]
    title: Mapped[Words]
    rating: Mapped[float | None]
    user_key: Mapped[Words]
    sku: Mapped[Words]
    purchased_at: Mapped[datetime | None]
    channel: Mapped[Words]
    incentivised: Mapped[bool | None]

    label: Mapped[str | None]
    score: Mapped[float | None]
    p_negative: Mapped[float | None]
    p_neutral: Mapped[float | None]
    p_positive: Mapped[float | None]
    aspects: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    keywords: Mapped[WordList]
    is_suspect: Mapped[bool] = mapped_column(server_default="false")
    suspect_reasons: Mapped[WordList]
    suspect_since: Mapped[date | None]
    pii: Mapped[WordList]
    language: Mapped[Words]
    scored_by: Mapped[str | None]

    product: Mapped[Product] = relationship()


class ReviewKey(Owned, Base):
    """What a shop calls a review, once over all months; the database deletes it with its review."""

    __tablename__ = "review_keys"

    workspace_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(BigInteger)
