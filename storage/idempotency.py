"""Writes that are asked for twice are done once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storage.models import IdempotencyKey


def claim_key(session: Session, workspace_id: int, key: str, fingerprint: str) -> IdempotencyKey:
    """Take the key, or return the row of whoever took it first.

    Two requests at once take turns: the second waits for the first one's transaction.

    Parameters
    ----------
    fingerprint
        Hash of the request; the caller compares it with the returned row's.

    Returns
    -------
    IdempotencyKey
        Its `status` is None while the request has no stored answer.
    """
    values = {"workspace_id": workspace_id, "key": key, "fingerprint": fingerprint}
    session.execute(insert(IdempotencyKey).values(values).on_conflict_do_nothing())
    return session.get_one(IdempotencyKey, (workspace_id, key), populate_existing=True)


def save_answer(
    session: Session,
    workspace_id: int,
    key: str,
    status: int,
    headers: Mapping[str, str],
    body: Mapping[str, Any],
) -> None:
    """Keep the answer to give again when the same key comes back."""
    row = session.get_one(IdempotencyKey, (workspace_id, key))
    row.status, row.headers, row.body = status, dict(headers), dict(body)
    session.flush()


def forget_keys(session: Session, days: int = 7) -> int:
    """Delete keys older than `days`; return how many."""
    old = select(func.now() - func.make_interval(0, 0, 0, days)).scalar_subquery()
    deleted = session.execute(
        delete(IdempotencyKey).where(IdempotencyKey.created_at < old).returning(IdempotencyKey.key)
    )
    return len(deleted.all())
