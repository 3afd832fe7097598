"""What the reviews of a product come down to."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Created, Json, Owned


class ProductDigest(Owned, Base):
    """The digest of one product; `version` made it from reviews in the state that `stamp` names.

    A row whose version or stamp differs from today's is stale.
    """

    __tablename__ = "product_digests"

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[str]
    stamp: Mapped[str]
    digest: Mapped[Json]
    created_at: Mapped[Created]
