"""Which workers are alive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storage.models import WorkerHeartbeat


def beat(session: Session, name: str, queues: Sequence[str], pid: int, started_at: datetime) -> None:
    """Note that a worker is alive now."""
    values = {"queues": list(queues), "pid": pid, "started_at": started_at, "seen_at": func.clock_timestamp()}
    session.execute(
        insert(WorkerHeartbeat)
        .values(name=name, **values)
        .on_conflict_do_update(index_elements=["name"], set_=values)
    )


def live_workers(session: Session, within_seconds: int = 60) -> list[WorkerHeartbeat]:
    """Return the workers seen within the last seconds."""
    since = func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 0, 0, within_seconds)
    query = select(WorkerHeartbeat).where(WorkerHeartbeat.seen_at >= since)
    return list(session.scalars(query.order_by(WorkerHeartbeat.name)))
