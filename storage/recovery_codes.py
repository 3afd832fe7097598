"""Codes that stand in once for a lost second factor: of each only the hash is kept."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from storage.models import RecoveryCode


def replace_codes(session: Session, user_id: int, hashes: Iterable[str]) -> None:
    """Keep these codes of a user; the ones before open nothing any more."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    session.add_all(RecoveryCode(user_id=user_id, code_hash=one) for one in hashes)
    session.flush()


def use_code(session: Session, user_id: int, code_hash: str) -> bool:
    """Take a code of a user, which is gone with that; False where they have no such code."""
    mine = RecoveryCode.user_id == user_id, RecoveryCode.code_hash == code_hash
    return session.scalar(delete(RecoveryCode).where(*mine).returning(RecoveryCode.id)) is not None


def count_codes(session: Session, user_id: int) -> int:
    """Return how many codes a user has left."""
    found = select(func.count()).where(RecoveryCode.user_id == user_id)
    return session.scalars(found).one()
