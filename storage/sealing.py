"""Secrets at rest: encrypted with a key from the settings, so that a copy of the database tells nothing."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.errors import StorageError

PURPOSE = b"fengping destinations 1"
SECOND_FACTORS = b"fengping second factors 1"


class Unreadable(StorageError):
    """A secret was encrypted with another SECRET_KEY; it must be entered anew."""


class Seal:
    """Encrypts and decrypts small records (Fernet: AES-128-CBC with an HMAC-SHA-256).

    Parameters
    ----------
    secret_key
        `SECRET_KEY` of the settings; the key is derived from it by HKDF-SHA-256.
    purpose
        What is sealed for one purpose cannot be opened for another.
    """

    def __init__(self, secret_key: str, purpose: bytes = PURPOSE) -> None:
        derived = HKDF(SHA256(), 32, salt=None, info=purpose).derive(secret_key.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def close(self, record: Mapping[str, str]) -> str:
        """Encrypt a record."""
        return self._fernet.encrypt(json.dumps(dict(record)).encode()).decode()

    def open(self, sealed: str) -> dict[str, str]:
        """Decrypt a record.

        Raises
        ------
        Unreadable
            It was encrypted with another key, or changed.
        """
        try:
            found: dict[str, str] = json.loads(self._fernet.decrypt(sealed.encode()))
        except InvalidToken as error:
            raise Unreadable("this was encrypted with another SECRET_KEY; enter it anew") from error
        return found
