"""Follows a job from outside: when each stage ended, how long nothing moved, how much memory was held."""

import time
from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks.bulk.house import House
from storage.models import Chunk, Job

POLL_SECONDS = 0.1


@dataclass
class Seen:
    """What was seen of a job.

    Attributes
    ----------
    gaps : dict of str to float
        Longest time without any change of progress, by stage.
    megabytes : dict of str to float
        Most memory that one process of a name held.
    web_before : float
        What the biggest web process held before the upload.
    state : str
    stages : dict of str to (float, float)
        Seconds from the job's start to the first work and to the end of each stage.
    processor : dict of str to dict
        Processor seconds of workers and PostgreSQL spent in each stage.
    """

    gaps: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    megabytes: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    state: str = ""
    stages: dict[str, tuple[float, float]] = field(default_factory=dict)
    processor: dict[str, dict[str, float]] = field(default_factory=dict)


def follow(house: House, job_id: UUID) -> Seen:
    """Follow a job to its end."""
    seen, last, since = Seen(), (), time.monotonic()
    spent = house.processor_seconds()
    stage = "import"
    while seen.state not in ("succeeded", "failed", "cancelled"):
        time.sleep(POLL_SECONDS)
        with Session(house.engine) as session:
            seen.state, now_stage, *counts = _state(session, job_id)
        now = time.monotonic()
        if (now_stage, counts) != last:
            seen.gaps[stage] = max(seen.gaps[stage], now - since)
            last, since = (now_stage, counts), now
        if now_stage != stage or seen.state == "succeeded":
            used = house.processor_seconds()
            seen.processor[stage] = {name: used[name] - spent[name] for name in used}
            stage, spent = now_stage, used
        for name in house.processes.children:
            seen.megabytes[name] = max(seen.megabytes[name], house.megabytes(name))
    with Session(house.engine) as session:
        seen.stages = _stages(session, job_id)
    return seen


def _state(session: Session, job_id: UUID) -> tuple[str, str, int, int, int]:
    sums = [func.coalesce(func.sum(part), 0) for part in (Chunk.rows, Chunk.done, Chunk.duplicates)]
    query = select(Job.state, Job.stage, *sums).join(Chunk, Chunk.job_id == Job.id)
    return tuple(session.execute(query.where(Job.id == job_id).group_by(Job.id)).one())


def _stages(session: Session, job_id: UUID) -> dict[str, tuple[float, float]]:
    started = session.get_one(Job, job_id).started_at
    found = session.execute(
        select(Chunk.stage, func.max(Chunk.finished_at)).where(Chunk.job_id == job_id).group_by(Chunk.stage)
    )
    ends = sorted((end - started).total_seconds() for _, end in found)
    names = ("import", "score", "suspects", "daily")
    return {name: (start, end) for name, start, end in zip(names, [0.0, *ends], ends, strict=False)}
