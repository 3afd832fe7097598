"""Choices of the overview that a user keeps under a name."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Created, Id, Json, Owned


class SavedView(Owned, Base):
    """One user's view of a workspace: `wish` is what its address asks for, e.g. ``{"category": "茶具"}``."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("user_id", "workspace_id", "name"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str]
    wish: Mapped[Json]
    created_at: Mapped[Created]
