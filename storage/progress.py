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


TRAINING = ("train", "refresh")
"""Kinds whose stages count different things, steps of learning and then products, one after another."""

TRAINING_STAGES = ("train", "forecast")


@dataclass(frozen=True)
class StageProgress:
    """Rows of one stage, steps where models learn; `duplicates` of an import need nothing further."""

    name: str
    total: int
    done: int
    failed: int
    duplicates: int
    since: datetime | None = None

    @property
    def through(self) -> int:
        """What needs no more work."""
        return self.done + self.failed

    @property
    def share(self) -> float:
        """The part of it that is through, from 0 to 1."""
        return min(self.through / self.total, 1.0) if self.total else 0.0


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
        Seconds still needed at this rate, None unless the job runs and has rows left; where models learn,
        for the stage that is at work.
    share
        How far the job is, from 0 to 1; None while the total is unknown. Where models learn each stage is an
        equal part.
    elapsed_seconds
        Seconds since the start, until the end where it has ended; None before.
    """

    total: int | None
    done: int
    failed: int
    rate: float | None
    eta_seconds: int | None
    stages: list[StageProgress]
    error: str
    share: float | None = None
    elapsed_seconds: int | None = None


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
        select(Chunk.job_id, Chunk.stage, func.max(Chunk.created_at), *sums)
        .where(Chunk.workspace_id == workspace_id, Chunk.job_id.in_([job.id for job in jobs]))
        .group_by(Chunk.job_id, Chunk.stage)
        .order_by(Chunk.job_id, func.min(Chunk.id))
    )
    stages: dict[UUID, list[StageProgress]] = {job.id: [] for job in jobs}
    for job_id, name, since, *counts in found:
        total, done, given_up, known = map(int, counts)
        stages[job_id].append(StageProgress(name, total, done, given_up, known, since))
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
    elapsed = (job.finished_at or now) - job.started_at if job.started_at else None
    through = done + failed
    rate = through / max(elapsed.total_seconds(), 0.001) if elapsed is not None and through else None
    if job.kind in TRAINING:
        eta, share = _stage_left(by_name.get(job.stage), now), _stages_share(stages)
    else:
        eta = (total - through) / rate if rate and total is not None and through < total else None
        share = min(through / total, 1.0) if total else None
    return Progress(
        total=total,
        done=done,
        failed=failed,
        rate=rate,
        eta_seconds=round(eta) if job.state == "running" and eta is not None else None,
        stages=stages,
        error=job.error,
        share=1.0 if job.state == "succeeded" else share,
        elapsed_seconds=round(elapsed.total_seconds()) if elapsed is not None else None,
    )


def _stages_share(stages: Sequence[StageProgress]) -> float | None:
    """Return how far a training is: learning is one half, forecasting the other."""
    if not any(stage.total for stage in stages):
        return None
    return sum(stage.share for stage in stages) / len(TRAINING_STAGES)


def _stage_left(stage: StageProgress | None, now: datetime) -> float | None:
    """Return the seconds that a stage still needs, None before its first step."""
    if stage is None or stage.since is None or not stage.through:
        return None
    seconds = max((now - stage.since).total_seconds(), 0.0)
    return max(stage.total - stage.through, 0) * seconds / stage.through
