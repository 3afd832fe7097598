"""Views of the overview that users keep."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storage.errors import Conflict, NotFound
from storage.models import SavedView

MOST = 20


def list_views(session: Session, workspace_id: int, user_id: int) -> list[SavedView]:
    """Return a user's views of a workspace by name."""
    mine = (SavedView.workspace_id == workspace_id, SavedView.user_id == user_id)
    return list(session.scalars(select(SavedView).where(*mine).order_by(SavedView.name)))


def keep_view(
    session: Session, workspace_id: int, user_id: int, name: str, wish: Mapping[str, str]
) -> SavedView:
    """Keep a view, instead of the one of that name.

    Raises
    ------
    Conflict
        The user has as many as are kept.
    """
    mine = (SavedView.workspace_id == workspace_id, SavedView.user_id == user_id)
    view = session.scalar(select(SavedView).where(*mine, SavedView.name == name))
    if view is None:
        if (session.scalar(select(func.count()).select_from(SavedView).where(*mine)) or 0) >= MOST:
            raise Conflict(f"at most {MOST} views are kept")
        # A second window of the user may keep one of that name at the same moment.
        new = insert(SavedView).values(workspace_id=workspace_id, user_id=user_id, name=name, wish={})
        session.execute(new.on_conflict_do_nothing())
        view = session.scalars(select(SavedView).where(*mine, SavedView.name == name)).one()
    view.wish = dict(wish)
    session.flush()
    return view


def drop_view(session: Session, workspace_id: int, user_id: int, view_id: int) -> None:
    """Forget a user's own view, or raise `NotFound`."""
    view = session.get(SavedView, view_id)
    if view is None or (view.workspace_id, view.user_id) != (workspace_id, user_id):
        raise NotFound("view", view_id)
    session.delete(view)
    session.flush()
