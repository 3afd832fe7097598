"""A workspace's own words, by which its texts are cut."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Created, Id, Owned, one_of

WORD_KINDS = ("keep", "split")


class DictionaryWord(Owned, Base):
    """A word to keep whole or to take apart; unique in its workspace, whatever the case of its letters.

    `weight` is how often it would stand in 60 million words of general text; None is just enough for it to be
    cut out.
    """

    __tablename__ = "dictionary_words"
    __table_args__ = (
        CheckConstraint(one_of("kind", WORD_KINDS), name="kind"),
        Index("uq_dictionary_words_word", "workspace_id", text("lower(word)"), unique=True),
    )

    id: Mapped[Id]
    word: Mapped[str]
    kind: Mapped[str] = mapped_column(server_default="keep")
    weight: Mapped[int | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[Created]
