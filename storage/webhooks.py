"""Webhooks of a workspace, and messages that wait to be delivered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from storage.bulk import storable_data
from storage.errors import Conflict
from storage.models import Delivery, Job, Queued, Webhook
from storage.tenancy import own

MOST = 10
MOST_ATTEMPTS = 8
FIRST_DELAY_SECONDS = 30
LONGEST_ERROR = 300


def add_webhook(session: Session, workspace_id: int, url: str, secret: str) -> Webhook:
    """Keep an address to tell; `Conflict` beyond ten."""
    if len(list_webhooks(session, workspace_id)) >= MOST:
        raise Conflict(f"a workspace has at most {MOST} webhooks")
    row = Webhook(workspace_id=workspace_id, url=url, secret=secret)
    session.add(row)
    session.flush()
    return row


def list_webhooks(session: Session, workspace_id: int) -> list[Webhook]:
    """Return a workspace's webhooks, oldest first."""
    query = select(Webhook).where(Webhook.workspace_id == workspace_id)
    return list(session.scalars(query.order_by(Webhook.id)))


def remove_webhook(session: Session, workspace_id: int, webhook_id: int) -> Webhook:
    """Tell an address no more, or raise `NotFound`; what waits for it is dropped."""
    row = own(session, workspace_id, Webhook, webhook_id, "webhook")
    session.delete(row)
    session.flush()
    return row


def announce(session: Session, workspace_id: int, body: Mapping[str, Any]) -> int:
    """Write a message to every webhook of a workspace, in the transaction of what it tells."""
    hooks = list_webhooks(session, workspace_id)
    plain = storable_data(body)
    session.add_all(Delivery(workspace_id=workspace_id, webhook_id=hook.id, body=plain) for hook in hooks)
    session.flush()
    return len(hooks)


def announce_job(session: Session, job: Job) -> int:
    """Tell that a job has ended."""
    told = {"id": str(job.id), "kind": job.kind, "state": job.state, "error": job.error}
    return announce(session, job.workspace_id, {"event": "job.finished", "job": told})


def due(session: Session) -> Delivery | None:
    """Lock and return a message of any workspace that is to be delivered now, None without one."""
    query = select(Delivery).where(Delivery.ended_at.is_(None), Delivery.not_before <= func.clock_timestamp())
    return session.scalar(query.order_by(Delivery.id).limit(1).with_for_update(of=Delivery, skip_locked=True))


def settle(session: Session, message: Queued, status: int | None, error: str = "") -> None:
    """Note how a try went: taken, to be tried again later and later, or given up after eight."""
    message.attempts += 1
    message.status, message.error = status, error[:LONGEST_ERROR]
    if not error or message.attempts >= MOST_ATTEMPTS:
        message.ended_at = session.scalar(select(func.clock_timestamp()))
    else:
        wait = timedelta(seconds=FIRST_DELAY_SECONDS * 2**message.attempts)
        message.not_before = session.scalars(select(func.clock_timestamp() + wait)).one()
    session.flush()


def forget_deliveries(session: Session, days: int = 30) -> int:
    """Delete messages that ended so long ago."""
    old = func.now() - timedelta(days=days)
    return len(session.execute(delete(Delivery).where(Delivery.ended_at < old).returning(Delivery.id)).all())
