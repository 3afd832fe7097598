"""How far a job is, counted from its chunks and from nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from storage.models import IMPORT_KINDS, Chunk, Job

# An import's rows are through once they are scored; sales and orders need no scoring.
LAST_ROW_STAGE = {
    "import_reviews": "score",
    "import_products": "score",
    "import_sales": "import",
    "import_orders": "import",
    "score": "score",
    "analyze": "analyze",
    "train": "forecast",
    "refresh": "forecast",
    "digest": "digest",
    "undo": "undo",
    "export": "export",
}


@dataclass(frozen=True)
class StageProgress:
    """Rows of one stage; `duplicates` are rows of an import that need nothing further."""

    name: str
    total: int
    done: int
    failed: int
    duplicates: int


@dataclass(frozen=True)
class Progress:
    """What a user sees of a job.

    Attributes
    ----------
    total
        Rows of the file or of the work, None while they are not counted yet.
    done, failed
        Rows through the last stage; rows refused or given up. On success they add up to `total`.
    rate
        Rows per second since the start, None before the first row.
    eta_seconds
        Seconds still needed at this rate, None unless the job runs.
    """

    total: int | None
    done: int
    failed: int
    rate: float | None
    eta_seconds: int | None
    stages: list[StageProgress]
    error: str


def progress(session: Session, job: Job, now: datetime | None = None) -> Progress:
    """Count how far a job is."""
    return progress_of(session, job.workspace_id, [job], now)[job.id]


def progress_of(
    session: Session, workspace_id: int, jobs: Sequence[Job], now: datetime | None = None
) -> dict[UUID, Progress]:
    """Count how far each of some jobs is, in one query.

    Parameters
    ----------
    now
        The moment rates are counted to; the clock's time by default.
    """
    lost = case((Chunk.state == "quarantined", Chunk.rows - Chunk.done), else_=Chunk.failed)
    failed = case((Chunk.stage == "import", Chunk.failed), else_=lost)
    sums = [func.sum(part) for part in (Chunk.rows, Chunk.done, failed, Chunk.duplicates)]
    found = session.execute(
        select(Chunk.job_id, Chunk.stage, *sums)
        .where(Chunk.workspace_id == workspace_id, Chunk.job_id.in_([job.id for job in jobs]))
        .group_by(Chunk.job_id, Chunk.stage)
        .order_by(Chunk.job_id, func.min(Chunk.id))
    )
    stages: dict[UUID, list[StageProgress]] = {job.id: [] for job in jobs}
    for job_id, name, *counts in found:
        stages[job_id].append(StageProgress(name, *(int(count) for count in counts)))
    return {job.id: _progress(job, stages[job.id], now or datetime.now(UTC)) for job in jobs}


def _progress(job: Job, stages: list[StageProgress], now: datetime) -> Progress:
    by_name = {stage.name: stage for stage in stages}
    last = LAST_ROW_STAGE[job.kind]
    done = by_name[last].done if last in by_name else 0
    failed = sum(stage.failed for stage in stages if stage.name in {"import", last})
    total = job.total
    if last != "import" and "import" in by_name:
        done += by_name["import"].duplicates
    elif job.kind not in IMPORT_KINDS and last in by_name:
        total = by_name[last].total
    rate = _rate(job, done + failed, now)
    left = None if total is None else max(total - done - failed, 0)
    running = job.state == "running" and rate and left is not None
    return Progress(
        total=total,
        done=done,
        failed=failed,
        rate=rate,
        eta_seconds=round(left / rate) if running and rate and left is not None else None,
        stages=stages,
        error=job.error,
    )


def _rate(job: Job, through: int, now: datetime) -> float | None:
    if job.started_at is None or not through:
        return None
    seconds = ((job.finished_at or now) - job.started_at).total_seconds()
    return through / max(seconds, 0.001)
