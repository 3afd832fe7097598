"""What imports wrote over, kept so that an import can be undone."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Id, Json, Owned, one_of

REPLACED = ("sales", "order_lines", "exog_columns", "products")
"""Tables whose rows imports may write over."""


class ReplacedRow(Owned, Base):
    """A row as it was before the import `job_id` changed it; `was_job_id` is the import that had written it.

    A row that an import added has none: the row itself bears the import's id. `key` is the row's key within
    its workspace, as JSON. Goes with its job.
    """

    __tablename__ = "replaced_rows"
    __table_args__ = (
        CheckConstraint(one_of("kind", REPLACED), name="kind"),
        UniqueConstraint("job_id", "kind", "key"),
        Index("ix_replaced_rows_was", "was_job_id", postgresql_where=text("was_job_id IS NOT NULL")),
    )

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), index=True)
    was_job_id: Mapped[UUID | None]
    kind: Mapped[str]
    key: Mapped[str]
    before: Mapped[Json]
