"""Bearer tokens: shown once, stored only as a hash."""

import hashlib
import secrets

PREFIX = "fp_"


def generate_token() -> str:
    """Return a new token of 256 random bits, such as `fp_Jx…`."""
    return PREFIX + secrets.token_urlsafe(32)


def generate_word() -> str:
    """Return a random word of 256 bits for a link that opens once."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return the SHA-256 of `token` in hexadecimal; a random token needs no slower hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def read_header(authorization: str | None) -> str | None:
    """Return the token of an `Authorization: Bearer fp_…` header, or None where it holds none."""
    scheme, _, token = (authorization or "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token.startswith(PREFIX):
        return None
    return token
