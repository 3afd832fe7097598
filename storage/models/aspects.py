"""The aspect tree as it is built in, and what a workspace changes about it."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Created, Id, Owned, WordList, Words


class BuiltInAspect(Base):
    """A category of the tree that everybody has, kept by the workers for the pages; in the tree's order."""

    __tablename__ = "built_in_aspects"

    name: Mapped[str] = mapped_column(primary_key=True)
    english: Mapped[Words]
    place: Mapped[int]
    words: Mapped[WordList]


class AspectCategory(Owned, Base):
    """What a workspace changes about a category, or a category of its own.

    `shown` is what it is called instead, empty for its own name; `words` are further words that name it.
    """

    __tablename__ = "aspect_categories"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    name: Mapped[str]
    shown: Mapped[Words]
    words: Mapped[WordList]
    is_off: Mapped[bool] = mapped_column(server_default="false")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[Created]
