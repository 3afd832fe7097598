"""Asking for files of a report and giving them out, for pages and API alike."""

from datetime import date, datetime

from flask import Response, current_app, send_file
from sqlalchemy.orm import Session

from storage import exports
from storage.jobs import create_job
from storage.models import Export, Job, Product, Snapshot
from webapp import jobs
from webapp.auth.access import principal
from webapp.auth.audit import note
from webapp.language import language


def request_export(session: Session, product: Product, snapshot: Snapshot, format: str, day: date) -> Job:
    """Make the job that writes a snapshot as a file, in the reader's language; the caller commits.

    Parameters
    ----------
    day
        The data cut-off, for the file's name.
    """
    name = exports.file_name(product.title or product.external_id, day, format)
    job = _start(session, product.workspace_id, name, format, snapshot)
    said = {"format": format, "snapshot": snapshot.hash, "product": product.id}
    note(session, product.workspace_id, "export.start", job.id, after=said)
    return job


def request_overview(session: Session, workspace_id: int, title: str) -> Job:
    """Make the job that writes all products of a workspace as a workbook; the caller commits."""
    today = datetime.now(current_app.extensions["settings"].zone).date()
    job = _start(session, workspace_id, exports.file_name(title, today, "xlsx"), "xlsx", None)
    note(session, workspace_id, "export.start", job.id, after={"format": "xlsx", "overview": True})
    return job


def send(export: Export) -> Response:
    """Answer with the file.

    Raises
    ------
    storage.errors.NotFound
        It was not made yet, or is gone.
    """
    path = exports.path_of(current_app.extensions["settings"], export)
    return send_file(
        path,
        mimetype=exports.MEDIA_TYPES[export.format],
        as_attachment=True,
        download_name=export.name,
        etag=export.sha256,
    )


def _start(session: Session, workspace_id: int, name: str, format: str, snapshot: Snapshot | None) -> Job:
    who = principal()
    user_id = who.user_id if who else None
    job = create_job(session, workspace_id, "export", user_id=user_id, params={"format": format})
    exports.add_export(session, job, name, snapshot, format=format, language=language())
    jobs.wake(session, job)
    return job
