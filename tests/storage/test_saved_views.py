import pytest
from sqlalchemy.orm import Session

from storage import accounts
from storage.errors import Conflict, NotFound
from storage.saved_views import MOST, drop_view, keep_view, list_views


@pytest.fixture
def user_id(session: Session) -> int:
    return accounts.create_user(session, "li@example.com", "hash").id


def test_a_view_of_the_same_name_is_replaced(session: Session, workspace_id: int, user_id: int) -> None:
    keep_view(session, workspace_id, user_id, "茶具", {"category": "茶具"})
    keep_view(session, workspace_id, user_id, "锅", {"category": "锅"})
    keep_view(session, workspace_id, user_id, "茶具", {"brand": "甲"})
    session.expire_all()
    found = {view.name: view.wish for view in list_views(session, workspace_id, user_id)}
    assert found == {"茶具": {"brand": "甲"}, "锅": {"category": "锅"}}


def test_views_are_in_order_of_their_names(session: Session, workspace_id: int, user_id: int) -> None:
    for name in "bca":
        keep_view(session, workspace_id, user_id, name, {})
    assert [view.name for view in list_views(session, workspace_id, user_id)] == ["a", "b", "c"]


def test_only_so_many_are_kept_and_old_ones_can_still_change(
    session: Session, workspace_id: int, other_id: int, user_id: int
) -> None:
    for number in range(MOST):
        keep_view(session, workspace_id, user_id, str(number), {})
    with pytest.raises(Conflict, match=f"at most {MOST}"):
        keep_view(session, workspace_id, user_id, "one more", {})
    keep_view(session, workspace_id, user_id, "0", {"brand": "甲"})
    assert len(list_views(session, workspace_id, user_id)) == MOST
    keep_view(session, other_id, user_id, "elsewhere there is room", {})


def test_a_view_is_its_users_in_its_workspace_and_nobody_elses(
    session: Session, workspace_id: int, other_id: int, user_id: int
) -> None:
    other_user = accounts.create_user(session, "wang@example.com", "hash").id
    view = keep_view(session, workspace_id, user_id, "茶具", {})
    for whose in ((other_id, user_id), (workspace_id, other_user)):
        assert list_views(session, *whose) == []
        with pytest.raises(NotFound):
            drop_view(session, *whose, view.id)
    drop_view(session, workspace_id, user_id, view.id)
    assert list_views(session, workspace_id, user_id) == []


def test_two_windows_that_keep_a_name_at_once_leave_one_view(
    session: Session, workspace_id: int, user_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_view(session, workspace_id, user_id, "锅", {"category": "锅"})
    looks = iter([None, 0])  # the other window's view is not there yet when this one looks
    monkeypatch.setattr(session, "scalar", lambda _query: next(looks))
    keep_view(session, workspace_id, user_id, "锅", {"brand": "甲"})
    assert [view.wish for view in list_views(session, workspace_id, user_id)] == [{"brand": "甲"}]
