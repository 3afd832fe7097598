from sqlalchemy.orm import Session

from storage.models import AspectCategory, BuiltInAspect, User, Workspace
from tests.storage.models.rows import count, put, refusal, remove


def test_the_built_in_tree_is_everybodys_and_names_a_category_once(session: Session) -> None:
    row = put(session, BuiltInAspect, name="一种没有的属性", place=99)
    assert (row.english, row.words) == ("", [])
    assert not hasattr(row, "workspace_id")
    assert refusal(session, BuiltInAspect, name=row.name, place=100) == "pk_built_in_aspects"


def test_a_workspace_changes_a_category_once(session: Session, workspace_id: int, other_id: int) -> None:
    change = {"workspace_id": workspace_id, "name": "物流"}
    row = put(session, AspectCategory, **change)
    assert (row.shown, row.words, row.is_off, row.user_id) == ("", [], False, None)
    assert refusal(session, AspectCategory, **change) == "uq_aspect_categories_workspace_id_name"
    assert refusal(session, AspectCategory, **change | {"workspace_id": other_id}) is None


def test_a_change_outlives_who_made_it_and_goes_with_its_workspace(
    session: Session, workspace_id: int
) -> None:
    user = put(session, User, email="li@example.com", password_hash="x")
    row = put(session, AspectCategory, workspace_id=workspace_id, name="物流", user_id=user.id)
    remove(session, user)
    assert session.get_one(AspectCategory, row.id).user_id is None
    remove(session, session.get_one(Workspace, workspace_id))
    assert count(session, AspectCategory) == 0
