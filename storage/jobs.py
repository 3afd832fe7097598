"""Jobs: created with their first chunk, followed, cancelled, tried again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storage.bulk import storable_data
from storage.errors import Conflict, NotFound
from storage.models import IMPORT_KINDS, Chunk, Job, Refusal, User, Workspace
from storage.paging import Page, checked_limit, decode_cursor, page_of
from storage.progress import Progress, progress, progress_of
from storage.tenancy import own

FIRST_STAGE = dict.fromkeys(IMPORT_KINDS, "import") | {
    "score": "score",
    "analyze": "analyze",
    "train": "train",
    "refresh": "train",
    "digest": "digest",
    "undo": "undo",
    "export": "export",
}
SINGLE_FLIGHT = ("score", "train", "refresh", "digest")
ACTIVE = ("queued", "running")

__all__ = [
    "Progress",
    "add_refusals",
    "cancel_job",
    "changing_data",
    "count_active",
    "create_job",
    "end_job",
    "forget_texts",
    "get_job",
    "iter_refusals",
    "job_counts",
    "list_jobs",
    "list_refusals",
    "lock_job",
    "progress",
    "progress_of",
    "retry_job",
    "starters",
    "touch_data",
]


def create_job(
    session: Session,
    workspace_id: int,
    kind: str,
    *,
    user_id: int | None = None,
    upload_id: int | None = None,
    params: Mapping[str, Any] | None = None,
    total: int | None = None,
    delay_seconds: int = 0,
) -> Job:
    """Write down a job with its first chunk; the caller commits, then wakes a worker.

    Parameters
    ----------
    kind
        One of `storage.models.KINDS`. Of score, train, refresh and digest one at a time waits in a
        workspace: asking again returns the one that waits.
    upload_id
        The file of an import.
    params
        import: mapping, encoding, columns (extra column → future or past); analyze: texts, only; or words.
    total
        Rows of the file, where they are known.
    delay_seconds
        No worker starts before; a quiet time in which more may be asked.

    Raises
    ------
    ValueError
        The kind is unknown, or an import has no file.
    """
    if kind not in FIRST_STAGE:
        raise ValueError(f"unknown kind of job {kind!r}; known are {', '.join(FIRST_STAGE)}")
    if kind in IMPORT_KINDS and upload_id is None:
        raise ValueError(f"a job of kind {kind} needs an upload")
    job = Job(
        workspace_id=workspace_id,
        user_id=user_id,
        upload_id=upload_id,
        kind=kind,
        stage=FIRST_STAGE[kind],
        params=storable_data(params or {}),
        total=len(params["texts"]) if params and "texts" in params else total,
    )
    waiting = _put(session, job)
    if waiting is not None:
        return waiting
    not_before = func.now() + timedelta(seconds=delay_seconds) if delay_seconds else None
    payload = {"plan": True} if kind in ("score", "digest") else {}
    session.add(
        Chunk(
            workspace_id=workspace_id,
            job_id=job.id,
            stage=job.stage,
            rows=job.total or 0,
            payload=payload,
            not_before=not_before,
        )
    )
    session.flush()
    session.refresh(job)
    return job


def get_job(session: Session, workspace_id: int, job_id: UUID) -> Job:
    """Return the job, or raise `NotFound`."""
    return own(session, workspace_id, Job, job_id, "job")


def list_jobs(
    session: Session,
    workspace_id: int,
    *,
    kind: str | None = None,
    state: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Job]:
    """List jobs, newest first.

    Raises
    ------
    BadCursor
        The cursor is not of this list.
    """
    query = select(Job).where(Job.workspace_id == workspace_id)
    if kind is not None:
        query = query.where(Job.kind == kind)
    if state is not None:
        query = query.where(Job.state == state)
    if cursor:
        created_at, id = decode_cursor(cursor, datetime.fromisoformat, UUID)
        query = query.where(tuple_(Job.created_at, Job.id) < (created_at, id))
    query = query.order_by(Job.created_at.desc(), Job.id.desc()).limit(checked_limit(limit) + 1)
    return page_of(session.scalars(query).all(), limit, lambda job: (job.created_at, job.id))


def cancel_job(session: Session, workspace_id: int, job_id: UUID) -> Job:
    """Stop a job: a running worker notices at its next batch, what is committed stays.

    Raises
    ------
    Conflict
        The job has ended already.
    """
    job = lock_job(session, workspace_id, job_id)
    if job.state not in ACTIVE:
        raise Conflict(f"job {job_id} has ended already: {job.state}")
    job.state, job.finished_at = "cancelled", session.scalar(select(func.now()))
    session.execute(
        update(Chunk)
        .where(Chunk.job_id == job_id, Chunk.state.in_(("pending", "running")))
        .values(state="cancelled", leased_by="", lease_until=None)
    )
    session.flush()
    return job


def retry_job(session: Session, workspace_id: int, job_id: UUID) -> Job:
    """Take up a failed or cancelled job where it stopped.

    Raises
    ------
    Conflict
        The job has not failed, another of its kind waits already, or it was undone.
    """
    job = lock_job(session, workspace_id, job_id)
    if job.state not in ("failed", "cancelled"):
        raise Conflict(f"job {job_id} cannot be tried again: it is {job.state}")
    if _is_undone(session, job):
        raise Conflict(f"job {job_id} cannot be tried again: it was undone")
    if job.kind in SINGLE_FLIGHT and _waiting(session, workspace_id, job.kind) is not None:
        raise Conflict(f"another job of kind {job.kind} waits already")
    job.state, job.error, job.finished_at = "queued", "", None
    session.execute(
        update(Chunk)
        .where(Chunk.job_id == job_id, Chunk.state.in_(("quarantined", "cancelled")))
        .values(state="pending", attempts=0, error="", not_before=None, finished_at=None)
    )
    session.flush()
    return job


def lock_job(session: Session, workspace_id: int, job_id: UUID) -> Job:
    """Return the job with its row locked until the transaction ends, or raise `NotFound`.

    Rows that refer to the job can still be added: those who import hold their own locks meanwhile.
    """
    query = select(Job).where(Job.id == job_id, Job.workspace_id == workspace_id)
    job = session.scalar(
        query.with_for_update(of=Job, key_share=True).execution_options(populate_existing=True)
    )
    if job is None:
        raise NotFound("job", job_id)
    return job


def end_job(session: Session, job: Job, error: str = "", *, changed: bool = False) -> None:
    """End a locked job: failed with a reason, or succeeded without one.

    Parameters
    ----------
    changed
        The job changed the workspace's data: forecasts made before are stale from now on.
    """
    job.state = "failed" if error else "succeeded"
    job.error = error
    job.finished_at = session.scalar(select(func.now()))
    if changed:
        touch_data(session, job.workspace_id)
    session.flush()


def touch_data(session: Session, workspace_id: int) -> int:
    """Raise the workspace's data version, making forecasts and models of it stale."""
    raised: int | None = session.scalar(
        update(Workspace)
        .where(Workspace.id == workspace_id)
        .values(data_version=Workspace.data_version + 1)
        .returning(Workspace.data_version)
    )
    if raised is None:
        raise NotFound("workspace", workspace_id)
    return raised


def add_refusals(session: Session, workspace_id: int, job_id: UUID, refusals: list[dict[str, Any]]) -> None:
    """Keep refused rows (line, column, value, code) for the file of errors."""
    rows = [
        {"workspace_id": workspace_id, "job_id": job_id, **{k: storable_data(v) for k, v in row.items()}}
        for row in refusals
    ]
    if rows:
        session.execute(insert(Refusal), rows)


def list_refusals(
    session: Session, workspace_id: int, job_id: UUID, *, cursor: str | None = None, limit: int = 1000
) -> Page[Refusal]:
    """List a job's refused rows by line."""
    query = select(Refusal).where(Refusal.workspace_id == workspace_id, Refusal.job_id == job_id)
    if cursor:
        line, id = decode_cursor(cursor, int, int)
        query = query.where(tuple_(Refusal.line, Refusal.id) > (line, id))
    query = query.order_by(Refusal.line, Refusal.id).limit(checked_limit(limit) + 1)
    return page_of(session.scalars(query).all(), limit, lambda refusal: (refusal.line, refusal.id))


def iter_refusals(session: Session, workspace_id: int, job_id: UUID) -> Iterator[Refusal]:
    """Yield all of a job's refused rows by line, a page at a time."""
    cursor: str | None = None
    while True:
        page = list_refusals(session, workspace_id, job_id, cursor=cursor)
        yield from page.items
        cursor = page.next
        if cursor is None:
            return


def starters(session: Session, jobs: Iterable[Job]) -> dict[int | None, str]:
    """Return the address of each user who started one of some jobs, by the user's id."""
    ids = {job.user_id for job in jobs if job.user_id is not None}
    if not ids:
        return {}
    found = session.execute(select(User.id, User.email).where(User.id.in_(ids)))
    return {row.id: row.email for row in found}


def count_active(session: Session, workspace_id: int) -> int:
    """Count the workspace's jobs that wait or run."""
    query = select(func.count()).where(Job.workspace_id == workspace_id, Job.state.in_(ACTIVE))
    return session.scalar(query) or 0


def changing_data(session: Session, workspace_id: int) -> bool:
    """Tell whether a job that changes the workspace's reviews or sales waits or runs."""
    query = select(Job.id).where(
        Job.workspace_id == workspace_id,
        Job.state.in_(ACTIVE),
        Job.kind.in_((*IMPORT_KINDS, "score", "undo")),
    )
    return session.scalar(query.limit(1)) is not None


def job_counts(session: Session) -> dict[tuple[str, str], int]:
    """Count the jobs of all workspaces by kind and state."""
    found = session.execute(select(Job.kind, Job.state, func.count()).group_by(Job.kind, Job.state))
    return {(kind, state): count for kind, state, count in found}


def forget_texts(session: Session, days: int = 1) -> int:
    """Drop the texts of analyses that ended so long ago without a result; return how many.

    Those with a result drop them at once; until then a failed or cancelled one can be tried again.
    """
    old = select(func.now() - func.make_interval(0, 0, 0, days)).scalar_subquery()
    ended = session.execute(
        update(Job)
        .where(Job.kind == "analyze", Job.state.not_in(ACTIVE), Job.finished_at < old)
        .where(Job.params.has_key("texts"))
        .values(params=Job.params.op("-")("texts"))
        .returning(Job.id)
    )
    return len(ended.all())


def _is_undone(session: Session, job: Job) -> bool:
    undoes = Job.params["undoes"].astext == str(job.id)
    query = select(Job.id).where(Job.workspace_id == job.workspace_id, Job.kind == "undo", undoes)
    return job.kind in IMPORT_KINDS and session.scalar(query) is not None


def _put(session: Session, job: Job, tries: int = 3) -> Job | None:
    """Add a job; return the one that waits instead, where its kind has one."""
    try:
        with session.begin_nested():
            session.add(job)
    except IntegrityError:
        waiting = _waiting(session, job.workspace_id, job.kind)
        if waiting is None and job.kind in SINGLE_FLIGHT and tries > 1:
            return _put(session, job, tries - 1)  # the one in the way has started since
        if waiting is None:
            raise
        return waiting
    return None


def _waiting(session: Session, workspace_id: int, kind: str) -> Job | None:
    return session.scalar(
        select(Job).where(Job.workspace_id == workspace_id, Job.kind == kind, Job.state == "queued")
    )
