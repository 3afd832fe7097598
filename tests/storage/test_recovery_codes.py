import pytest
from sqlalchemy.orm import Session

from storage import accounts
from storage.recovery_codes import count_codes, replace_codes, use_code


@pytest.fixture
def user_id(session: Session) -> int:
    return accounts.create_user(session, "li@example.com", "hash").id


def test_a_code_is_taken_once(session: Session, user_id: int) -> None:
    replace_codes(session, user_id, ["a", "b"])
    assert [use_code(session, user_id, code) for code in ("a", "a", "c", "")] == [True, False, False, False]
    assert count_codes(session, user_id) == 1


def test_new_codes_replace_all_of_that_user_alone(session: Session, user_id: int) -> None:
    other_id = accounts.create_user(session, "wang@example.com", "hash").id
    for id in (user_id, other_id):
        replace_codes(session, id, ["a", "b"])
    replace_codes(session, user_id, ["b", "c"])
    assert [use_code(session, user_id, code) for code in "abc"] == [False, True, True]
    assert count_codes(session, other_id) == 2
    replace_codes(session, other_id, ())
    assert not use_code(session, other_id, "a")


def test_a_code_of_somebody_else_is_not_taken(session: Session, user_id: int) -> None:
    other_id = accounts.create_user(session, "wang@example.com", "hash").id
    replace_codes(session, other_id, ["a"])
    assert not use_code(session, user_id, "a")
    assert count_codes(session, other_id) == 1
