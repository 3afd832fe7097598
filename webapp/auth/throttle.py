"""Checking a password, slowly for those who keep guessing."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from storage import accounts
from storage.models import User
from storage.sign_ins import use_step
from webapp.auth import recovery
from webapp.auth.passwords import hash_password, needs_rehash, verify_password
from webapp.auth.second import matching_step, secret_of

WINDOW = timedelta(minutes=15)
MAX_BY_EMAIL = 10
MAX_BY_ADDRESS = 30


class LoginRefused(Exception):
    """E-mail and password do not belong together, or the user is no longer active."""


class TooManyAttempts(LoginRefused):
    """So many failures lately that no password is checked for a while.

    Attributes
    ----------
    retry_after : int
        Seconds after which another try makes sense.
    """

    retry_after = int(WINDOW.total_seconds())


def check_login(session: Session, email: str, password: str, address: str) -> User:
    """Return the user of this e-mail and password; the attempt is recorded, the caller commits.

    Raises
    ------
    TooManyAttempts
        After 10 failures for the e-mail or 30 from the address within 15 minutes.
    LoginRefused
        When they do not belong together; it does not tell which of the two was wrong.
    """
    email = email.strip().lower()
    _slow_down(session, email, address)
    user = accounts.find_user(session, email)
    matches = verify_password(user.password_hash if user else None, password)
    succeeded = user is not None and matches and user.is_active
    accounts.record_login(session, email, address, succeeded)
    if user is None or not succeeded:
        raise LoginRefused
    user.last_login_at = datetime.now(UTC)
    if needs_rehash(user.password_hash):
        user.password_hash = hash_password(password)
    return user


def check_second(session: Session, user: User, code: str, address: str) -> bool:
    """Check a code of the user's second factor, or one of their recovery codes, which is used up then.

    The attempt is recorded, the caller commits.

    Returns
    -------
    bool
        Whether it was a recovery code.

    Raises
    ------
    TooManyAttempts, LoginRefused
        As for `check_login`; a code that was used before is refused too.
    """
    _slow_down(session, user.email, address)
    step = matching_step(secret_of(user), code, datetime.now(UTC))
    recovered = step is None and recovery.use(session, user, code)
    succeeded = recovered or (step is not None and use_step(session, user, step))
    accounts.record_login(session, user.email, address, succeeded)
    if not succeeded:
        raise LoginRefused
    return recovered


def _slow_down(session: Session, email: str, address: str) -> None:
    by_email, by_address = accounts.failed_logins(session, email, address, datetime.now(UTC) - WINDOW)
    if by_email >= MAX_BY_EMAIL or by_address >= MAX_BY_ADDRESS:
        raise TooManyAttempts
