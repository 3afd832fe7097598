"""Passwords, hashed with argon2id (RFC 9106)."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 10
MAX_LENGTH = 1024

_hasher = PasswordHasher()


class WeakPassword(ValueError):
    """The password is too short or too long to be taken."""


def hash_password(password: str) -> str:
    """Return the argon2id hash of `password`.

    Raises
    ------
    WeakPassword
        When it has fewer than `MIN_LENGTH` or more than `MAX_LENGTH` characters.
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise WeakPassword(
            f"a password has {MIN_LENGTH} to {MAX_LENGTH} characters, this one has {len(password)}"
        )
    return _hasher.hash(password)


def verify_password(password_hash: str | None, password: str) -> bool:
    """Tell whether `password` matches; as slow for a user who does not exist (`None`)."""
    try:
        _hasher.verify(password_hash or _nobody(), password[: MAX_LENGTH + 1])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def needs_rehash(password_hash: str) -> bool:
    """Tell whether the hash was made with weaker settings than today's."""
    return _hasher.check_needs_rehash(password_hash)


def generate_password() -> str:
    """Return a new random password of 16 characters."""
    return secrets.token_urlsafe(12)


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_hex())
