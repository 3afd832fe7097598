"""What was sold per day, and the daily features made from reviews."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Owned, Words, one_of

EXOG_ROLES = ("future", "past")


class Sale(Owned, Base):
    """A product's day; `units` None is a plan for a day to come (its promotion, its price).

    `job_id`, here and below, is the import that wrote the row last; it may be long gone.
    """

    __tablename__ = "sales"
    __table_args__ = (
        Index("ix_sales_workspace_day", "workspace_id", "day"),
        Index("ix_sales_job", "job_id", postgresql_where=text("job_id IS NOT NULL")),
    )

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    units: Mapped[float | None]
    revenue: Mapped[float | None]
    price: Mapped[float | None]
    promo: Mapped[float | None]
    stockout: Mapped[float | None]
    views: Mapped[float | None]
    visitors: Mapped[float | None]
    carts: Mapped[float | None]
    extra: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    from_orders: Mapped[bool] = mapped_column(server_default="false")
    job_id: Mapped[UUID | None]


class OrderLine(Owned, Base):
    """One line of an order; `line_no` counts an order's lines of the same product from 1."""

    __tablename__ = "order_lines"
    __table_args__ = (
        Index("ix_order_lines_product_day", "product_id", "day"),
        Index("ix_order_lines_job", "job_id", postgresql_where=text("job_id IS NOT NULL")),
    )

    workspace_id: Mapped[int] = mapped_column(
        ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    order_id: Mapped[str] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    ordered_at: Mapped[datetime]
    day: Mapped[date]
    quantity: Mapped[float]
    unit_price: Mapped[float | None]
    customer_id: Mapped[Words]
    job_id: Mapped[UUID | None]


class ExogColumn(Owned, Base):
    """A further numeric column of the sales: known ahead (`future`) or only afterwards (`past`)."""

    __tablename__ = "exog_columns"
    __table_args__ = (CheckConstraint(one_of("role", EXOG_ROLES), name="role"),)

    workspace_id: Mapped[int] = mapped_column(
        ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    job_id: Mapped[UUID | None]


class DailyFeature(Owned, Base):
    """What one product's reviews said by the end of a day, counted on the day they arrived."""

    __tablename__ = "daily_features"

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    reviews: Mapped[float]
    sentiment_mean: Mapped[float | None]
    sentiment_std: Mapped[float | None]
    negative_share: Mapped[float | None]
    positive_share: Mapped[float | None]
    rating_mean: Mapped[float | None]
    length_mean: Mapped[float | None]
    suspect_share: Mapped[float | None]
    smooth: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    version: Mapped[str]
