"""Chunks: leased to one worker at a time, fenced, retried, quarantined.

Whoever writes for a chunk does so in one transaction with `record` or `finish`; when the lease
was lost meanwhile (the worker was too slow, or the job was cancelled) these raise `LeaseLost`
and nothing of that transaction stays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from storage.errors import LeaseLost
from storage.models import Chunk, Job
from storage.models.jobs import CHUNK_STATES

LONGEST_ERROR = 2000


@dataclass(frozen=True)
class Lease:
    """The right to work on a chunk until told otherwise."""

    chunk_id: int
    owner: str
    seconds: int


def add_chunks(
    session: Session,
    workspace_id: int,
    job_id: UUID,
    stage: str,
    parts: Iterable[tuple[int, Mapping[str, Any]]],
) -> list[Chunk]:
    """Add pending chunks, each of so many rows and with its payload."""
    chunks = [
        Chunk(workspace_id=workspace_id, job_id=job_id, stage=stage, rows=rows, payload=dict(payload))
        for rows, payload in parts
    ]
    session.add_all(chunks)
    session.flush()
    return chunks


def pending_chunks(session: Session, workspace_id: int, job_id: UUID) -> list[Chunk]:
    """Return the chunks a worker could start now: what to wake after the commit."""
    query = select(Chunk).where(
        Chunk.workspace_id == workspace_id,
        Chunk.job_id == job_id,
        Chunk.state == "pending",
        _is_due(),
    )
    return list(session.scalars(query.order_by(Chunk.id)))


def claim(session: Session, chunk_id: int, owner: str, seconds: int) -> Chunk | None:
    """Take a chunk that waits or whose worker fell silent; None when there is nothing to take.

    Parameters
    ----------
    owner
        Who takes it, unique to this claim.
    seconds
        How long the owner may stay silent.
    """
    query = (
        select(Chunk)
        .join(Job, Job.id == Chunk.job_id)
        .where(Chunk.id == chunk_id, _is_claimable(), Job.state.in_(("queued", "running")))
        .with_for_update(of=Chunk, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    chunk = session.scalar(query)
    if chunk is None:
        return None
    chunk.state, chunk.leased_by = "running", owner
    chunk.attempts += 1
    chunk.lease_until = session.scalar(select(func.clock_timestamp() + timedelta(seconds=seconds)))
    session.execute(
        update(Job)
        .where(Job.id == chunk.job_id, Job.state == "queued")
        .values(state="running", started_at=func.coalesce(Job.started_at, func.clock_timestamp()))
    )
    session.flush()
    return chunk


def first_claimable(session: Session, job_id: UUID) -> int | None:
    """Return the id of the first chunk of a job that could be taken now."""
    query = select(Chunk.id).where(Chunk.job_id == job_id, _is_claimable())
    return session.scalar(query.order_by(Chunk.id).limit(1))


def renew(session: Session, lease: Lease) -> None:
    """Show a sign of life.

    Raises
    ------
    LeaseLost
        The chunk belongs to somebody else by now, or was cancelled.
    """
    _update_owned(session, lease, {})


def record(
    session: Session,
    lease: Lease,
    *,
    done: int = 0,
    failed: int = 0,
    duplicates: int = 0,
    cursor: int | None = None,
    rows: int | None = None,
) -> None:
    """Count rows that went through in this transaction, and renew the lease.

    Progress clears the count of attempts: only a chunk that gets nowhere is given up.

    Raises
    ------
    LeaseLost
        As for `renew`; the caller's transaction must be rolled back.
    """
    values: dict[str, Any] = {
        "done": Chunk.done + done,
        "failed": Chunk.failed + failed,
        "duplicates": Chunk.duplicates + duplicates,
        "attempts": 1,
    }
    if cursor is not None:
        values["cursor"] = cursor
    if rows is not None:
        values["rows"] = rows
    _update_owned(session, lease, values)


def show(session: Session, lease: Lease, *, done: int, rows: int) -> None:
    """Say how far work is that whoever takes over would begin anew, and renew the lease.

    Nothing of it is kept, so attempts stay counted as they do not with `record`; raises `LeaseLost` too.
    """
    _update_owned(session, lease, {"done": done, "rows": rows})


def finish(session: Session, lease: Lease) -> None:
    """Mark the chunk done; raises `LeaseLost` as `record` does."""
    values = {"state": "done", "error": "", "finished_at": func.clock_timestamp(), "leased_by": ""}
    _update_owned(session, lease, values, keep_lease=False)


def put_back(session: Session, lease: Lease, *, delay_seconds: int = 0, error: str = "") -> None:
    """Return the chunk for another try; with an error the attempt counts, without one it does not."""
    values: dict[str, Any] = {"state": "pending", "leased_by": "", "error": error[:LONGEST_ERROR]}
    values["not_before"] = func.clock_timestamp() + timedelta(seconds=delay_seconds)
    if not error:
        values["attempts"] = Chunk.attempts - 1
    _update_owned(session, lease, values, keep_lease=False)


def quarantine(session: Session, lease: Lease, error: str) -> None:
    """Give the chunk up, with the reason a user can read."""
    values = {
        "state": "quarantined",
        "leased_by": "",
        "error": error[:LONGEST_ERROR],
        "finished_at": func.clock_timestamp(),
    }
    _update_owned(session, lease, values, keep_lease=False)


def split(session: Session, lease: Lease, parts: Iterable[tuple[int, Mapping[str, Any]]]) -> list[Chunk]:
    """Put several smaller chunks in the place of one; they start with no attempt counted."""
    chunk = session.get_one(Chunk, lease.chunk_id)
    added = add_chunks(session, chunk.workspace_id, chunk.job_id, chunk.stage, parts)
    record(session, lease, rows=chunk.done)
    finish(session, lease)
    return added


def note(session: Session, lease: Lease, **facts: Any) -> None:
    """Keep facts in the chunk's payload, for whoever has it next."""
    chunk = session.get_one(Chunk, lease.chunk_id)
    chunk.payload = {**chunk.payload, **facts}
    _update_owned(session, lease, {})


def bury(session: Session, owner: str, reason: str) -> int:
    """Free the chunks of a process that died, saying why; return how many. The attempt stays counted.

    Parameters
    ----------
    owner
        How the names of its claims begin.
    """
    freed = session.execute(
        update(Chunk)
        .where(
            Chunk.leased_by.startswith(owner, autoescape=True),
            Chunk.state == "running",
            Chunk.lease_until > func.clock_timestamp(),
        )
        .values(error=reason[:LONGEST_ERROR], lease_until=func.clock_timestamp())
        .returning(Chunk.id)
        .execution_options(synchronize_session=False)
    )
    return len(freed.all())


def hand_back(session: Session, owner: str) -> list[Chunk]:
    """Return the chunks of a process that was ended in the middle of them; the attempt does not count.

    Parameters
    ----------
    owner
        How the names of its claims begin.
    """
    held = Chunk.leased_by.startswith(owner, autoescape=True)
    query = select(Chunk).where(held, Chunk.state == "running").with_for_update()
    found = list(session.scalars(query))
    for chunk in found:
        chunk.state, chunk.leased_by, chunk.lease_until = "pending", "", None
        chunk.attempts -= 1
    session.flush()
    return found


def note_products(session: Session, lease: Lease, product_ids: Iterable[int]) -> None:
    """Remember in the chunk's payload that its job touched these products."""
    chunk = session.get_one(Chunk, lease.chunk_id)
    known = set(chunk.payload.get("product_ids", ()))
    if not known.issuperset(product_ids):
        chunk.payload = {**chunk.payload, "product_ids": sorted(known.union(product_ids))}
        session.flush()


def postpone(session: Session, chunk_id: int, seconds: int) -> None:
    """Let a waiting chunk wait longer, without counting an attempt."""
    session.execute(
        update(Chunk)
        .where(Chunk.id == chunk_id, Chunk.state == "pending")
        .values(not_before=func.clock_timestamp() + timedelta(seconds=seconds))
    )


def payloads(session: Session, job_id: UUID) -> list[dict[str, Any]]:
    """Return what a job's chunks are about, in order."""
    return list(session.scalars(select(Chunk.payload).where(Chunk.job_id == job_id).order_by(Chunk.id)))


def stages_with(
    session: Session, job_id: UUID, stages: Sequence[str], states: Collection[str] = CHUNK_STATES
) -> list[str]:
    """Return those of some stages in which a job has a chunk in one of some states, in their order.

    A look for one chunk each: a job may have many thousands, and this is asked as each of them ends.
    """
    found = select(Chunk.id).where(Chunk.job_id == job_id, Chunk.state.in_(states))
    return [
        stage for stage in stages if session.scalar(found.where(Chunk.stage == stage).limit(1)) is not None
    ]


def rows_lost(session: Session, job_id: UUID, stage: str) -> tuple[int, int]:
    """Return how many rows of a job's stage were given up one by one, and of how many."""
    sums = select(func.coalesce(func.sum(Chunk.failed), 0), func.coalesce(func.sum(Chunk.rows), 0))
    lost, rows = session.execute(sums.where(Chunk.job_id == job_id, Chunk.stage == stage)).one()
    return int(lost), int(rows)


def first_error(session: Session, job_id: UUID) -> str:
    """Return the reason of the first chunk that was given up, empty without any."""
    query = select(Chunk.error).where(Chunk.job_id == job_id, Chunk.state == "quarantined")
    return session.scalar(query.order_by(Chunk.id).limit(1)) or ""


def touched_products(session: Session, job_id: UUID) -> list[int]:
    """Return the products that a job's chunks name in their payloads."""
    named = func.jsonb_array_elements_text(Chunk.payload["product_ids"]).label("product_id")
    query = select(named).where(Chunk.job_id == job_id, Chunk.payload.has_key("product_ids")).distinct()
    return sorted(int(id) for id in session.scalars(query))


def waiting_chunks(session: Session, stages: Collection[str], limit: int = 200) -> list[Chunk]:
    """Return chunks of some stages, of all workspaces, that nobody works on: oldest first."""
    query = (
        select(Chunk)
        .join(Job, Job.id == Chunk.job_id)
        .where(_is_claimable(), Chunk.stage.in_(stages), Job.state.in_(("queued", "running")))
    )
    return list(session.scalars(query.order_by(Chunk.id).limit(limit)))


def others_wait(session: Session, job_id: UUID, stages: Collection[str]) -> bool:
    """Tell whether chunks of some stages wait that belong to other jobs, of any workspace."""
    query = (
        select(Chunk.id)
        .join(Job, Job.id == Chunk.job_id)
        .where(_is_claimable(), Chunk.stage.in_(stages), Chunk.job_id != job_id)
        .where(Job.state.in_(("queued", "running")))
    )
    return session.scalar(query.limit(1)) is not None


def _is_due() -> ColumnElement[bool]:
    return or_(Chunk.not_before.is_(None), Chunk.not_before <= func.clock_timestamp())


def _is_claimable() -> ColumnElement[bool]:
    silent = and_(Chunk.state == "running", Chunk.lease_until < func.clock_timestamp())
    return or_(and_(Chunk.state == "pending", _is_due()), silent)


def _update_owned(
    session: Session, lease: Lease, values: Mapping[str, Any], *, keep_lease: bool = True
) -> None:
    until = func.clock_timestamp() + timedelta(seconds=lease.seconds) if keep_lease else None
    changed = session.execute(
        update(Chunk)
        .where(Chunk.id == lease.chunk_id, Chunk.leased_by == lease.owner, Chunk.state == "running")
        .values({**values, "lease_until": until})
        .returning(Chunk.id)
        .execution_options(synchronize_session=False)
    ).scalar()
    if changed is None:
        raise LeaseLost(f"chunk {lease.chunk_id} no longer belongs to {lease.owner}")
    session.expire_all()
