"""Recovery codes: shown once, typed in place of a code of the authenticator app, each good for one login."""

import base64
import secrets

from sqlalchemy.orm import Session

from storage.models import User
from storage.recovery_codes import replace_codes, use_code
from webapp.auth.tokens import hash_token

COUNT = 10
BYTES = 10
"""80 random bits: too many to guess even for whoever holds the hashes."""
PART = 4


def make_codes(session: Session, user: User) -> list[str]:
    """Give a user ten new codes, such as `k7mq-2xnd-5tfh-w3ra`; the ones before open nothing any more."""
    codes = [_new_code() for _ in range(COUNT)]
    replace_codes(session, user.id, map(hash_code, codes))
    return codes


def use(session: Session, user: User, code: str) -> bool:
    """Take a code of the user; False where it is none of theirs, or was used before."""
    return use_code(session, user.id, hash_code(code))


def hash_code(code: str) -> str:
    """Return what is kept of a code, however it was typed: with spaces, in capitals, without hyphens."""
    return hash_token("".join(code.replace("-", "").split()).lower())


def _new_code() -> str:
    word = base64.b32encode(secrets.token_bytes(BYTES)).decode().lower()
    return "-".join(word[start : start + PART] for start in range(0, len(word), PART))
