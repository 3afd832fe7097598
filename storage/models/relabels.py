"""What people say a review means where the analyser is unsure or wrong: 改判."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Created, Id, Owned, Words, one_of

RELABELS = ("negative", "neutral", "positive")


class Relabel(Owned, Base):
    """A person's label of one review; it holds until `ended_at`, when it was undone or said anew.

    `seen_label` is what the analyser of version `analyzer` had said when the person spoke. `model_label` and
    `model_score` are what the newest analyser says, to which an undo returns. No foreign key leads to the
    review: its table is cut by months, and a review that is deleted leaves no words here.
    """

    __tablename__ = "relabels"
    __table_args__ = (
        CheckConstraint(one_of("label", RELABELS), name="label"),
        Index(
            "uq_relabels_holding",
            "workspace_id",
            "review_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), index=True)
    review_id: Mapped[int] = mapped_column(BigInteger)
    day: Mapped[date]
    label: Mapped[str]
    seen_label: Mapped[Words]
    analyzer: Mapped[Words]
    model_label: Mapped[str | None]
    model_score: Mapped[float | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[Created]
    ended_at: Mapped[datetime | None]
