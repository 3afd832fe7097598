"""The aspect tree of a workspace: what is built in, and what the workspace changes about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storage.errors import Conflict
from storage.models import AspectCategory, BuiltInAspect

WORD = re.compile(r"[\u4e00-\u9fffa-zA-Z0-9+#&._%\-]{2,20}")
"""What a word that names an aspect may be."""

NAME = re.compile(r"[^\s/][^/\r\n]{0,19}")
"""What a category may be called."""

MOST_CATEGORIES = 100
MOST_WORDS = 200


@dataclass(frozen=True)
class Branch:
    """A category as a workspace has it.

    Attributes
    ----------
    name, english
        What it is called where nobody changes it; `english` is empty for one of the workspace's own.
    built_in
        Words that everybody has.
    change
        What the workspace changes about it, None where nothing.
    """

    name: str
    english: str
    built_in: Sequence[str]
    change: AspectCategory | None = None

    @property
    def shown(self) -> str:
        """What the workspace calls it."""
        return (self.change.shown if self.change else "") or self.name

    @property
    def is_own(self) -> bool:
        """Whether the tree lacks it."""
        return not self.built_in


def keep_tree(session: Session, tree: Iterable[Mapping[str, Any]]) -> bool:
    """Keep the built-in tree (name, english, words, in order) for pages; return whether it had changed."""
    wanted = [
        (place, branch["name"], branch["english"], list(branch["words"])) for place, branch in enumerate(tree)
    ]
    known = session.scalars(select(BuiltInAspect).order_by(BuiltInAspect.place)).all()
    if [(one.place, one.name, one.english, one.words) for one in known] == wanted:
        return False
    session.execute(delete(BuiltInAspect))
    rows = [dict(zip(("place", "name", "english", "words"), row, strict=True)) for row in wanted]
    if rows:
        session.execute(insert(BuiltInAspect).on_conflict_do_nothing(), rows)
    session.expire_all()
    return True


def categories(session: Session, workspace_id: int) -> list[AspectCategory]:
    """Return what a workspace changes, in the order it was made."""
    query = select(AspectCategory).where(AspectCategory.workspace_id == workspace_id)
    return list(session.scalars(query.order_by(AspectCategory.id)))


def branches(session: Session, workspace_id: int) -> list[Branch]:
    """Return the workspace's tree: the built-in categories in their order, then those of its own."""
    changes = {change.name: change for change in categories(session, workspace_id)}
    built_in = session.scalars(select(BuiltInAspect).order_by(BuiltInAspect.place)).all()
    known = [Branch(one.name, one.english, one.words, changes.pop(one.name, None)) for one in built_in]
    return known + [Branch(change.name, "", (), change) for change in changes.values()]


def english_names(session: Session) -> dict[str, str]:
    """Return what the built-in categories are called in English, by name, where they have such a name."""
    named = select(BuiltInAspect.name, BuiltInAspect.english).where(BuiltInAspect.english != "")
    return {row.name: row.english for row in session.execute(named)}


def put_category(
    session: Session,
    workspace_id: int,
    name: str,
    *,
    shown: str = "",
    words: Sequence[str] = (),
    is_off: bool = False,
    user_id: int | None = None,
) -> AspectCategory | None:
    """Keep what a workspace changes about a category, in place of what it changed before.

    Returns
    -------
    AspectCategory or None
        None where nothing is changed: the category is as it is built in.

    Raises
    ------
    ValueError
        A name or a word cannot be used; says which.
    Conflict
        Another category has the name, or there would be too many.
    """
    _check(name, shown, words)
    if not shown and not words and not is_off:
        reset_category(session, workspace_id, name)
        return None
    others = [branch for branch in branches(session, workspace_id) if branch.name != name]
    if (shown or name) in {taken for branch in others for taken in (branch.name, branch.shown)}:
        raise Conflict(f"another category is called {shown or name!r}")
    values = {"shown": shown, "words": list(dict.fromkeys(words)), "is_off": is_off, "user_id": user_id}
    put = session.scalars(
        insert(AspectCategory)
        .values(workspace_id=workspace_id, name=name, **values)
        .on_conflict_do_update(index_elements=["workspace_id", "name"], set_=values)
        .returning(AspectCategory),
        execution_options={"populate_existing": True},
    ).one()
    here = AspectCategory.workspace_id == workspace_id
    if (session.scalar(select(func.count()).select_from(AspectCategory).where(here)) or 0) > MOST_CATEGORIES:
        raise Conflict(f"a workspace changes at most {MOST_CATEGORIES} categories")
    return put


def reset_category(session: Session, workspace_id: int, name: str) -> None:
    """Let a category be as it is built in; one of the workspace's own goes."""
    session.execute(
        delete(AspectCategory)
        .where(AspectCategory.workspace_id == workspace_id, AspectCategory.name == name)
        .execution_options(synchronize_session="fetch")
    )


def _check(name: str, shown: str, words: Sequence[str]) -> None:
    bad = [repr(one) for one in (name, *([shown] if shown else [])) if not NAME.fullmatch(one)]
    bad += [repr(word) for word in words if not WORD.fullmatch(word)]
    if bad:
        raise ValueError(f"not for an aspect tree: {', '.join(bad)}")
    if len(words) > MOST_WORDS:
        raise ValueError(f"a category takes {MOST_WORDS} words, these are {len(words)}")
