"""The audit log: an entry for each act, chained by hashes so that a change or a gap is found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.bulk import storable, storable_data
from storage.locks import hold
from storage.models import AuditEntry
from storage.paging import Page, checked_limit, decode_cursor, page_of

NOBODYS = 0
"""The chain of what belongs to no workspace."""

START = "0" * 64
LONGEST = 500
PIECE = 500
HASHED = (
    *("workspace_id", "place", "at", "actor", "user_id", "token_id", "address"),
    *("action", "target", "before", "after", "previous"),
)


@dataclass(frozen=True)
class Actor:
    """Who acts, as people read it, and by which row."""

    name: str
    user_id: int | None = None
    token_id: int | None = None
    address: str = ""


@dataclass(frozen=True)
class Verdict:
    """What a walk over a workspace's chain found: `broken` says where and how, empty when it is whole."""

    workspace_id: int
    entries: int
    head: str
    broken: str = ""


def record(
    session: Session,
    workspace_id: int,
    actor: Actor,
    action: str,
    target: str = "",
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Add an entry to a workspace's chain, in the transaction of the act: neither is there without the other.

    Parameters
    ----------
    action
        What was done: ``token.create``, ``import.start`` …
    target
        What it was done to, as people name it.
    before, after
        What changed; plain JSON, never what shoppers wrote and never a secret.
    """
    hold(session, f"audit {workspace_id}")
    query = select(AuditEntry.place, AuditEntry.hash).where(AuditEntry.workspace_id == workspace_id)
    last = session.execute(query.order_by(AuditEntry.place.desc()).limit(1)).one_or_none()
    place, previous = (last[0] + 1, last[1]) if last else (1, START)
    entry = AuditEntry(
        workspace_id=workspace_id,
        place=place,
        at=datetime.now(UTC),
        actor=storable(actor.name)[:LONGEST],
        user_id=actor.user_id,
        token_id=actor.token_id,
        address=actor.address,
        action=action,
        target=storable(target)[:LONGEST],
        before=_plain(before),
        after=_plain(after),
        previous=previous,
    )
    entry.hash = hash_of(entry)
    session.add(entry)
    session.flush()
    return entry


def list_entries(
    session: Session, workspace_id: int, *, action: str = "", cursor: str | None = None, limit: int = 50
) -> Page[AuditEntry]:
    """List a workspace's entries, newest first.

    Parameters
    ----------
    action
        Only entries whose action begins with this, e.g. ``token``.

    Raises
    ------
    BadCursor
        The cursor is not of this list.
    """
    query = select(AuditEntry).where(AuditEntry.workspace_id == workspace_id)
    if action:
        query = query.where(AuditEntry.action.startswith(action, autoescape=True))
    if cursor:
        (place,) = decode_cursor(cursor, int)
        query = query.where(AuditEntry.place < place)
    found = session.scalars(query.order_by(AuditEntry.place.desc()).limit(checked_limit(limit) + 1))
    return page_of(found.all(), limit, lambda entry: (entry.place,))


def verify(session: Session, known: str = "") -> list[Verdict]:
    """Walk the chain of every workspace.

    Parameters
    ----------
    known
        The hash of an entry that was noted elsewhere; where no chain holds it, the last verdict says so.
        Without it a chain that was cut off at its end, or written anew as a whole, looks like any other.
    """
    ids = session.scalars(select(AuditEntry.workspace_id).distinct().order_by(AuditEntry.workspace_id)).all()
    verdicts = [_walk(session, workspace_id) for workspace_id in ids]
    if known and session.scalar(select(AuditEntry.id).where(AuditEntry.hash == known)) is None:
        verdicts.append(Verdict(NOBODYS, 0, known, "no chain holds the entry that was noted"))
    return verdicts


def hash_of(entry: AuditEntry) -> str:
    """Return the SHA-256 of an entry's fields and of the hash before it."""
    fields = {name: getattr(entry, name) for name in HASHED}
    fields["at"] = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    words = json.dumps(fields, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(words.encode()).hexdigest()


def _walk(session: Session, workspace_id: int) -> Verdict:
    head, count = START, 0
    for entry in _entries(session, workspace_id):
        fault = _fault(entry, count + 1, head)
        if fault:
            return Verdict(workspace_id, count, head, f"entry {entry.place} {fault}")
        head, count = entry.hash, count + 1
    return Verdict(workspace_id, count, head)


def _fault(entry: AuditEntry, place: int, previous: str) -> str:
    if entry.place != place:
        return f"stands where entry {place} should be"
    if entry.previous != previous:
        return "does not follow from the one before it"
    return "" if entry.hash == hash_of(entry) else "was changed"


def _entries(session: Session, workspace_id: int) -> Iterator[AuditEntry]:
    query = select(AuditEntry).where(AuditEntry.workspace_id == workspace_id).order_by(AuditEntry.place)
    last = 0
    while found := session.scalars(query.where(AuditEntry.place > last).limit(PIECE)).all():
        yield from found
        last = found[-1].place
        for entry in found:
            session.expunge(entry)


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the values as JSON gives them back, numbers with a fraction as text: JSONB writes them anew."""
    if values is None:
        return None
    plain = json.loads(json.dumps(storable_data(values), default=str), parse_float=str)
    return cast("dict[str, Any]", plain)
