"""Cancelling and retrying jobs, for pages and API alike."""

from uuid import UUID

from sqlalchemy.orm import Session

import storage.undo
from storage import jobs
from storage.chunks import pending_chunks
from storage.models import Job
from storage.wakeups import wakeups_of
from webapp.auth.audit import note
from webapp.enqueue import enqueue_wakeups


def start(session: Session, workspace_id: int, kind: str, **details: object) -> Job:
    """Create a job, as `storage.jobs.create_job` does, and wake its workers once the caller has committed."""
    job = jobs.create_job(session, workspace_id, kind, **details)  # type: ignore[arg-type]
    if kind != "analyze":  # reads what was sent and changes nothing
        note(session, workspace_id, "job.start", job.id, after={"kind": kind, **_file(job)})
    wake(session, job)
    return job


def cancel(session: Session, workspace_id: int, job_id: UUID) -> Job:
    """Stop a job; rows that are already in stay.

    Raises
    ------
    storage.errors.Conflict
        When it has already ended.
    """
    job = jobs.cancel_job(session, workspace_id, job_id)
    note(session, workspace_id, "job.cancel", job_id, after={"kind": job.kind})
    return job


def retry(session: Session, workspace_id: int, job_id: UUID) -> Job:
    """Go on with what a failed or cancelled job left undone.

    Raises
    ------
    storage.errors.Conflict
        When it is not failed or cancelled.
    """
    job = jobs.retry_job(session, workspace_id, job_id)
    note(session, workspace_id, "job.retry", job_id, after={"kind": job.kind})
    wake(session, job)
    return job


def undo(session: Session, workspace_id: int, job_id: UUID, user_id: int | None) -> Job:
    """Start the job that takes an import back; asked twice, it is the same job.

    Raises
    ------
    storage.errors.Conflict
        When it is no import, or has not ended.
    """
    known = storage.undo.undo_of(session, workspace_id, job_id)
    made = storage.undo.ask_undo(session, workspace_id, job_id, user_id)
    if known is None:
        undone = jobs.get_job(session, workspace_id, job_id)
        told = {"kind": undone.kind, "undo": str(made.id), "rows": made.total, **_file(undone)}
        note(session, workspace_id, "import.undo", job_id, after=told)
        wake(session, made)
    return made


def wake(session: Session, job: Job) -> None:
    """Enqueue what is pending of `job`, for after the commit."""
    enqueue_wakeups(session, wakeups_of(pending_chunks(session, job.workspace_id, job.id)))


def _file(job: Job) -> dict[str, object]:
    return {"file": job.upload.original_name, "sha256": job.upload.sha256} if job.upload else {}
