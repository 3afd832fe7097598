"""Which stage follows which in a job, and when the job has ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from settings import Settings
from storage import chunks, digests, jobs, webhooks
from storage.models import Job
from storage.sales import known_days
from storage.wakeups import Wakeup, wakeups_of

STAGES = {
    "import_reviews": ("import", "score", "suspects", "daily"),
    "import_products": ("import", "score"),
    "import_sales": ("import", "daily"),
    "import_orders": ("import", "daily"),
    "score": ("score", "suspects", "daily"),
    "analyze": ("analyze",),
    "train": ("train", "forecast"),
    "refresh": ("train", "forecast"),
    "digest": ("digest",),
    "undo": ("undo", "score", "suspects", "daily"),
    "export": ("export",),
}
# Kinds whose data feeds the forecasts.
FEEDS_FORECASTS = ("import_reviews", "import_sales", "import_orders", "score", "undo")
# Kinds after which the digests of the products they touched are stale.
FEEDS_DIGESTS = ("import_reviews", "score", "undo")
UNFINISHED = ("pending", "running")
# Days of sales below which not even one backtest window fits, so nothing is trained unasked.
ENOUGH_DAYS = 28
# Whoever reads the first chunk may have models to load; with a short one progress shows soon after.
FIRST_ROWS = 8

Part = tuple[int, Mapping[str, Any]]


def advance(session: Session, settings: Settings, job: Job) -> list[Wakeup]:
    """Move a job on after one of its chunks ended; return what to wake after the commit.

    The job's row is locked, so of two chunks that end at once only one starts the next stage.
    """
    job = jobs.lock_job(session, job.workspace_id, job.id)
    if job.state not in jobs.ACTIVE:
        return []
    unfinished = chunks.stages_with(session, job.id, STAGES[job.kind], UNFINISHED)
    if unfinished:
        job.stage = unfinished[0]
        session.flush()
        return []
    present = chunks.stages_with(session, job.id, STAGES[job.kind])
    return _next_stage(session, settings, job, present) or _end(session, settings, job)


def score_parts(ids: list[tuple[int, int]], size: int) -> list[Part]:
    """Cut (review id, product id) into payloads of score chunks, the first one short."""
    first = min(FIRST_ROWS, size)
    return [
        (
            len(part),
            {
                "review_ids": [review_id for review_id, _ in part],
                "product_ids": sorted({product_id for _, product_id in part}),
            },
        )
        for part in [*_cut(ids[:first], first), *_cut(ids[first:], size)]
    ]


def describe_parts(product_ids: list[int], size: int) -> list[Part]:
    """Cut product ids into payloads of score chunks that read product texts."""
    return [(len(part), {"describe": part}) for part in _cut(product_ids, size)]


def _next_stage(session: Session, settings: Settings, job: Job, present: Sequence[str]) -> list[Wakeup]:
    order = STAGES[job.kind]
    reached = max(order.index(stage) for stage in present)
    for stage in order[reached + 1 :]:
        parts = _parts_of(session, settings, job, stage)
        if parts:
            job.stage = stage
            return wakeups_of(chunks.add_chunks(session, job.workspace_id, job.id, stage, parts))
    return []


def _parts_of(session: Session, settings: Settings, job: Job, stage: str) -> list[Part]:
    if stage == "suspects":
        # One chunk, for the shop is counted once and one search of a workspace is on at a time.
        touched = chunks.touched_products(session, job.id)
        return [(len(touched), {"suspects": touched})] if touched else []
    if stage == "daily":
        touched = chunks.touched_products(session, job.id)
        return [(len(part), {"daily": part}) for part in _cut(touched, settings.daily_chunk_products)]
    if stage == "forecast" and not chunks.first_error(session, job.id):
        trained = [payload for payload in chunks.payloads(session, job.id) if "part" in payload]
        return [(payload["products"], {"part": payload["part"]}) for payload in trained]
    return []


def _end(session: Session, settings: Settings, job: Job) -> list[Wakeup]:
    touched = chunks.touched_products(session, job.id)
    changed = job.kind in FEEDS_FORECASTS and bool(touched)
    jobs.end_job(session, job, chunks.first_error(session, job.id), changed=changed)
    webhooks.announce_job(session, job)
    # The sweep wakes what waits when the quiet time is over; what comes in until then is one refresh.
    delay = settings.refresh_delay_seconds
    if job.kind in FEEDS_DIGESTS and touched:
        digests.request_digests(session, job.workspace_id, touched, delay)
    if changed and known_days(session, job.workspace_id) >= ENOUGH_DAYS:
        jobs.create_job(session, job.workspace_id, "refresh", delay_seconds=delay)
    return []


def _cut(items: list[Any], size: int) -> list[list[Any]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
