"""Links that show a frozen report without a login: random words of which only the hash is kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.models import Share, Snapshot
from storage.tenancy import own

DAYS = 30
LONGEST_DAYS = 365


def add_share(
    session: Session, snapshot: Snapshot, token_hash: str, *, days: int = DAYS, user_id: int | None = None
) -> Share:
    """Open a link to a snapshot for so many days.

    Raises
    ------
    ValueError
        The days are not within 1 … 365.
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise ValueError(f"a link is open for 1 to {LONGEST_DAYS} days, not {days}")
    row = Share(
        workspace_id=snapshot.workspace_id,
        snapshot_id=snapshot.id,
        token_hash=token_hash,
        created_by=user_id,
        expires_at=func.now() + timedelta(days=days),
    )
    session.add(row)
    session.flush()
    session.refresh(row)
    return row


def find_share(session: Session, token_hash: str) -> Share | None:
    """Return the open link of a word, of whatever workspace; None where it expired or was taken back."""
    query = select(Share).where(
        Share.token_hash == token_hash, Share.expires_at > func.now(), Share.revoked_at.is_(None)
    )
    return session.scalar(query)


def list_shares(session: Session, workspace_id: int, product_id: int) -> list[Share]:
    """Return the links to a product's snapshots that are open, newest first."""
    query = select(Share).join(Snapshot, Snapshot.id == Share.snapshot_id)
    query = query.where(Share.workspace_id == workspace_id, Snapshot.product_id == product_id)
    query = query.where(Share.expires_at > func.now(), Share.revoked_at.is_(None))
    return list(session.scalars(query.order_by(Share.id.desc())))


def revoke_share(session: Session, workspace_id: int, share_id: int) -> Share:
    """Take a link back for good; `NotFound` where there is none."""
    row = own(session, workspace_id, Share, share_id, "link")
    if row.revoked_at is None:
        row.revoked_at = _now(session)
        session.flush()
    return row


def _now(session: Session) -> datetime:
    now: datetime = session.scalars(select(func.now())).one()
    return now
