"""A workspace's own words: listed, kept, taken away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storage.errors import Conflict
from storage.models import DictionaryWord, Review
from storage.paging import Page, checked_limit, decode_cursor, page_of
from storage.tenancy import own

WORD = re.compile(r"[\u4e00-\u9fd5a-zA-Z0-9+#&._%\-]{2,20}")
"""What a word may be; the segmenter takes all of these."""

HEAVIEST = 10_000_000
MOST_WORDS = 5000
LONGEST_SAMPLE = 2000


def list_words(
    session: Session, workspace_id: int, *, cursor: str | None = None, limit: int = 50
) -> Page[DictionaryWord]:
    """List the words, newest first.

    Raises
    ------
    BadCursor
        The cursor is not of this list.
    """
    query = select(DictionaryWord).where(DictionaryWord.workspace_id == workspace_id)
    if cursor:
        (id,) = decode_cursor(cursor, int)
        query = query.where(DictionaryWord.id < id)
    found = session.scalars(query.order_by(DictionaryWord.id.desc()).limit(checked_limit(limit) + 1))
    return page_of(found.all(), limit, lambda word: (word.id,))


def workspace_words(session: Session, workspace_id: int) -> list[DictionaryWord]:
    """Return all words of a workspace, at most `MOST_WORDS`."""
    query = select(DictionaryWord).where(DictionaryWord.workspace_id == workspace_id)
    return list(session.scalars(query.order_by(DictionaryWord.id)))


def put_words(
    session: Session, workspace_id: int, words: Iterable[Mapping[str, Any]], user_id: int | None = None
) -> list[DictionaryWord]:
    """Put words in; one that is there gets the new kind and weight.

    Parameters
    ----------
    words
        Mappings with `word` and, where wanted, `kind` (keep or split; keep) and `weight` (1 … `HEAVIEST`).
        Of two that differ only in case the last one counts.

    Returns
    -------
    list of DictionaryWord
        A row for each different word.

    Raises
    ------
    ValueError
        A word or its weight cannot be used; says which.
    Conflict
        The workspace would have more than `MOST_WORDS`.
    """
    rows = {
        entry["word"].lower(): {
            "workspace_id": workspace_id,
            "word": entry["word"],
            "kind": entry.get("kind", "keep"),
            "weight": entry.get("weight"),
            "user_id": user_id,
        }
        for entry in words
    }
    _check(rows.values())
    if not rows:
        return []
    statement = insert(DictionaryWord).values(list(rows.values()))
    new = {name: statement.excluded[name] for name in ("word", "kind", "weight", "user_id")}
    put = session.scalars(
        statement.on_conflict_do_update(
            index_elements=["workspace_id", text("lower(word)")], set_=new
        ).returning(DictionaryWord),
        execution_options={"populate_existing": True},
    ).all()
    _check_number(session, workspace_id)
    return sorted(put, key=lambda word: word.id)


def remove_word(session: Session, workspace_id: int, word_id: int) -> DictionaryWord:
    """Take a word away; return what it was, or raise `NotFound`."""
    word = own(session, workspace_id, DictionaryWord, word_id, "word")
    session.delete(word)
    session.flush()
    return word


def sample_texts(session: Session, workspace_id: int, most: int) -> list[str]:
    """Return the beginnings of the newest reviews, from which new words are suggested and changes tried."""
    query = select(func.left(Review.text, LONGEST_SAMPLE)).where(Review.workspace_id == workspace_id)
    return list(session.scalars(query.order_by(Review.created_at.desc(), Review.id.desc()).limit(most)))


def _check(rows: Iterable[Mapping[str, Any]]) -> None:
    bad = [repr(row["word"]) for row in rows if not WORD.fullmatch(row["word"])]
    heavy = [row for row in rows if row["weight"] is not None and not 1 <= row["weight"] <= HEAVIEST]
    bad += [f"{row['word']!r} (weight {row['weight']})" for row in heavy]
    if bad:
        raise ValueError(f"not for a dictionary: {', '.join(bad)}")


def _check_number(session: Session, workspace_id: int) -> None:
    query = select(func.count()).select_from(DictionaryWord)
    count = session.scalar(query.where(DictionaryWord.workspace_id == workspace_id)) or 0
    if count > MOST_WORDS:
        raise Conflict(f"a dictionary holds {MOST_WORDS} words, this one would have {count}")
