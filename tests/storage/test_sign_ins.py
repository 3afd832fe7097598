from datetime import timedelta

import pytest
from sqlalchemy import func, update
from sqlalchemy.orm import Session

from storage import accounts, sign_ins
from storage.errors import NotFound
from storage.models import Invitation


@pytest.fixture
def user_id(session: Session) -> int:
    return accounts.create_user(session, "li@example.com", "hash").id


def test_a_closed_session_is_found_no_more(session: Session, user_id: int) -> None:
    sign_ins.open_sign_in(session, user_id, "a", "seal", agent="x" * 999)
    sign_ins.open_sign_in(session, user_id, "b", "seal")
    assert [len(row.agent) for row in sign_ins.list_sign_ins(session, user_id)] == [0, 200]
    sign_ins.close_sign_in(session, "a")
    assert sign_ins.find_sign_in(session, user_id, "a") is None
    assert sign_ins.find_sign_in(session, user_id, "b") is not None
    assert sign_ins.close_all(session, user_id) == 1


def test_a_step_of_the_second_factor_is_taken_once(session: Session, user_id: int) -> None:
    user = accounts.get_user(session, user_id)
    assert [sign_ins.use_step(session, user, step) for step in (5, 5, 4, 6)] == [True, False, False, True]


def test_an_invitation_opens_once_and_not_for_ever(session: Session, workspace_id: int) -> None:
    sign_ins.invite(session, workspace_id, "Wang@example.com", "viewer", "old")
    second = sign_ins.invite(session, workspace_id, "wang@example.com", "viewer", "new")
    assert sign_ins.find_invitation(session, "old") is None
    assert sign_ins.find_invitation(session, "new") == second
    session.execute(update(Invitation).values(expires_at=func.now() - timedelta(seconds=1)))
    assert sign_ins.find_invitation(session, "new") is None
    assert sign_ins.open_invitations(session, workspace_id) == []


def test_a_neighbour_cannot_withdraw_an_invitation(
    session: Session, workspace_id: int, other_id: int
) -> None:
    row = sign_ins.invite(session, workspace_id, "wang@example.com", "viewer", "word")
    with pytest.raises(NotFound):
        sign_ins.withdraw_invitation(session, other_id, row.id)


def test_a_used_password_link_opens_nothing(session: Session, user_id: int) -> None:
    link = sign_ins.offer_reset(session, user_id, "word")
    assert sign_ins.find_reset(session, "word", lock=True) == link
    sign_ins.use_up(session, link)
    assert sign_ins.find_reset(session, "word") is None
