from sqlalchemy.orm import Session

from storage.models import SavedView, User
from tests.storage.models.rows import count, put, refusal, remove


def test_a_name_stands_once_for_each_user_and_workspace(
    session: Session, workspace_id: int, other_id: int
) -> None:
    mine, theirs = (
        put(session, User, email=f"{name}@example.com", password_hash="x") for name in ("li", "wang")
    )
    view = {"workspace_id": workspace_id, "user_id": mine.id, "name": "茶具"}
    assert put(session, SavedView, **view).wish == {}
    assert refusal(session, SavedView, **view) == "uq_saved_views_user_id_workspace_id_name"
    assert refusal(session, SavedView, **view | {"user_id": theirs.id}) is None
    assert refusal(session, SavedView, **view | {"workspace_id": other_id}) is None
    remove(session, mine)
    assert count(session, SavedView) == 1
