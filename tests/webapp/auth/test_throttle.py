import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from storage import accounts
from storage.models import LoginAttempt, User
from tests.webapp.conftest import PASSWORD
from webapp.auth.throttle import (
    MAX_BY_ADDRESS,
    MAX_BY_EMAIL,
    LoginRefused,
    TooManyAttempts,
    check_login,
)

HERE = "10.0.0.1"


def fail(session: Session, times: int, email: str = "li@example.com", address: str = HERE) -> None:
    for _ in range(times):
        accounts.record_login(session, email, address, False)
    session.commit()


def test_the_right_password_is_taken_and_noted(session: Session, user: User) -> None:
    assert check_login(session, " LI@example.com", PASSWORD, HERE) is user
    attempt = session.scalars(select(LoginAttempt)).one()
    assert (attempt.email, attempt.address, attempt.succeeded) == ("li@example.com", HERE, True)


@pytest.mark.parametrize(
    ("email", "password"), [("li@example.com", "wrong"), ("nobody@example.com", PASSWORD)]
)
def test_a_wrong_one_is_refused_and_noted(session: Session, user: User, email: str, password: str) -> None:
    with pytest.raises(LoginRefused) as refused:
        check_login(session, email, password, HERE)
    assert not isinstance(refused.value, TooManyAttempts)
    assert session.scalars(select(LoginAttempt.succeeded)).all() == [False]


def test_an_inactive_user_is_refused(session: Session, user: User) -> None:
    user.is_active = False
    with pytest.raises(LoginRefused):
        check_login(session, user.email, PASSWORD, HERE)


def test_too_many_failures_for_an_email_from_anywhere(session: Session, user: User) -> None:
    fail(session, MAX_BY_EMAIL - 1, address="10.0.0.2")
    assert check_login(session, user.email, PASSWORD, HERE) is user
    fail(session, 1)
    with pytest.raises(TooManyAttempts) as refused:
        check_login(session, user.email, PASSWORD, HERE)
    assert refused.value.retry_after > 0


def test_too_many_failures_from_an_address_for_anybody(session: Session, user: User) -> None:
    fail(session, MAX_BY_ADDRESS, email="others@example.com")
    with pytest.raises(TooManyAttempts):
        check_login(session, user.email, PASSWORD, HERE)
    assert check_login(session, user.email, PASSWORD, "10.0.0.2") is user


def test_old_failures_are_forgiven(session: Session, user: User) -> None:
    fail(session, MAX_BY_EMAIL)
    session.execute(text("UPDATE login_attempts SET at = at - interval '16 minutes'"))
    assert check_login(session, user.email, PASSWORD, HERE) is user


def test_a_weak_hash_is_renewed_at_the_next_login(session: Session, user: User) -> None:
    user.password_hash = weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    check_login(session, user.email, PASSWORD, HERE)
    assert user.password_hash != weak
    assert check_login(session, user.email, PASSWORD, HERE) is user
