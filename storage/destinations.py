"""Where people are told of alerts, and the messages that wait for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from storage.alert_rules import forget_destination
from storage.bulk import storable, storable_data
from storage.errors import Conflict
from storage.models import CHANNELS, Destination, Message
from storage.tenancy import own

MOST = 20
PER_MINUTE = 20
"""Messages a minute that DingTalk and WeCom take from one robot; the others take more."""

HOSTS = {
    "wecom": ("qyapi.weixin.qq.com",),
    "dingtalk": ("oapi.dingtalk.com",),
    "feishu": ("open.feishu.cn",),
    "webhook": (),
}


def shown(kind: str, address: str) -> str:
    """Return what may be printed of an address: no more of it than tells one from another.

    >>> shown("dingtalk", "https://oapi.dingtalk.com/robot/send?access_token=0123456789ab")
    'oapi.dingtalk.com … 89ab'
    >>> shown("email", "li.ming@example.com, wang@example.com")
    'l…@example.com, w…@example.com'
    """
    if kind == "email":
        people = [person.strip() for person in address.split(",") if person.strip()]
        return ", ".join(f"{person[0]}…@{person.rpartition('@')[2]}" for person in people)
    return f"{urlsplit(address).hostname} … {address[-4:]}"


def add_destination(
    session: Session,
    workspace_id: int,
    kind: str,
    name: str,
    address: str,
    sealed: str,
    language: str = "zh",
) -> Destination:
    """Keep a destination; the address itself is only in `sealed`.

    Raises
    ------
    Conflict
        There are twenty already, or the kind is unknown.
    """
    if kind not in CHANNELS:
        raise Conflict(f"a destination is {', '.join(CHANNELS)}, not {kind!r}")
    if len(list_destinations(session, workspace_id)) >= MOST:
        raise Conflict(f"a workspace has at most {MOST} destinations")
    row = Destination(
        workspace_id=workspace_id,
        kind=kind,
        name=storable(name),
        language=language,
        sealed=sealed,
        shown=storable(shown(kind, address)),
    )
    session.add(row)
    session.flush()
    return row


def list_destinations(session: Session, workspace_id: int) -> list[Destination]:
    """Return a workspace's destinations, oldest first."""
    query = select(Destination).where(Destination.workspace_id == workspace_id)
    return list(session.scalars(query.order_by(Destination.id)))


def get_destination(session: Session, workspace_id: int, destination_id: int) -> Destination:
    """Return the destination, or raise `NotFound`."""
    return own(session, workspace_id, Destination, destination_id, "destination")


def remove_destination(session: Session, workspace_id: int, destination_id: int) -> Destination:
    """Delete a destination with what waits for it, and take it out of all rules."""
    row = get_destination(session, workspace_id, destination_id)
    forget_destination(session, workspace_id, destination_id)
    session.delete(row)
    session.flush()
    return row


def queue(
    session: Session,
    workspace_id: int,
    destination_id: int,
    body: Mapping[str, Any],
    not_before: datetime | None = None,
) -> Message:
    """Write down something to tell, in the transaction of what it tells."""
    get_destination(session, workspace_id, destination_id)
    row = Message(workspace_id=workspace_id, destination_id=destination_id, body=storable_data(body))
    if not_before is not None:
        row.not_before = not_before
    session.add(row)
    session.flush()
    return row


def last_messages(session: Session, workspace_id: int) -> dict[int, Message]:
    """Return the newest message of each destination, so that a page can say how it went."""
    query = (
        select(Message)
        .where(Message.workspace_id == workspace_id)
        .ext(distinct_on(Message.destination_id))
        .order_by(Message.destination_id, Message.id.desc())
    )
    return {message.destination_id: message for message in session.scalars(query)}


def take_due(session: Session) -> tuple[Destination, list[Message]] | None:
    """Lock a destination of any workspace that may be told something now, with all that is due.

    A destination that was told twenty times within the last minute waits; what comes meanwhile goes out with
    the next message.
    """
    now = func.clock_timestamp()
    due = (Message.ended_at.is_(None), Message.not_before <= now)
    mine = select(Message.id).where(*due, Message.destination_id == Destination.id)
    room = text(
        "(SELECT count(*) FROM unnest(destinations.sent) AS at"
        " WHERE at > clock_timestamp() - interval '1 minute') < :most"
    )
    query = select(Destination).where(mine.exists(), room).order_by(Destination.id).limit(1)
    # With key_share what is to be told is queued while a slow server is told.
    locked = query.with_for_update(of=Destination, skip_locked=True, key_share=True)
    destination = session.scalar(locked, {"most": PER_MINUTE})
    if destination is None:
        return None
    waiting = select(Message).where(*due, Message.destination_id == destination.id)
    return destination, list(session.scalars(waiting.order_by(Message.id)))


def note_sent(session: Session, destination: Destination) -> None:
    """Remember that a message was just sent, for the limit of a minute."""
    now: datetime = session.scalars(select(func.clock_timestamp())).one()
    destination.sent = [*(at for at in destination.sent if now - at < timedelta(minutes=1)), now]
    session.flush()


def forget_messages(session: Session, days: int = 30) -> int:
    """Delete messages that ended so long ago."""
    old = func.now() - timedelta(days=days)
    return len(session.execute(delete(Message).where(Message.ended_at < old).returning(Message.id)).all())
