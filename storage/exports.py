"""Files for download: asked for with a job, found by it, forgotten with the product or when they are old."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from settings import Settings
from storage.errors import NotFound
from storage.jobs import ACTIVE
from storage.models import Export, Job, Share, Snapshot

MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
KEPT_DAYS = 30
SHOWN = 10
LONGEST_NAME = 60


def file_name(title: str, day: date, format: str) -> str:
    """Name a file by what it shows and its data cut-off, so that every system can keep it."""
    plain = re.sub(r'[\x00-\x1f\x7f\\/:*?"<>|]+', "_", title).strip(" .")[:LONGEST_NAME]
    return f"{plain or 'report'}-{day}.{format}"


def add_export(
    session: Session, job: Job, name: str, snapshot: Snapshot | None = None, **details: Any
) -> Export:
    """Note the file that a job is to make; without a snapshot it is the overview of the workspace."""
    row = Export(
        workspace_id=job.workspace_id,
        job_id=job.id,
        name=name,
        snapshot_id=snapshot.id if snapshot else None,
        product_id=snapshot.product_id if snapshot else None,
        **details,
    )
    session.add(row)
    session.flush()
    return row


def export_of(session: Session, workspace_id: int, job_id: UUID) -> Export:
    """Return the file of a job, or raise `NotFound`."""
    found = exports_of(session, workspace_id, [job_id]).get(job_id)
    if found is None:
        raise NotFound("export of job", job_id)
    return found


def exports_of(session: Session, workspace_id: int, job_ids: Collection[UUID]) -> dict[UUID, Export]:
    """Return the files of some jobs by their ids."""
    query = select(Export).where(Export.workspace_id == workspace_id, Export.job_id.in_(job_ids))
    return {row.job_id: row for row in session.scalars(query)} if job_ids else {}


def list_exports(
    session: Session, workspace_id: int, product_id: int | None, limit: int = SHOWN
) -> list[tuple[Export, str]]:
    """Return the newest files of a product, or of the whole workspace, with the states of their jobs."""
    about = Export.product_id == product_id if product_id is not None else Export.product_id.is_(None)
    query = select(Export, Job.state).join(Job, Job.id == Export.job_id)
    query = query.where(Export.workspace_id == workspace_id, about).order_by(Export.id.desc()).limit(limit)
    return [(row[0], row[1]) for row in session.execute(query)]


def path_of(settings: Settings, export: Export) -> Path:
    """Return where a file lies that was made; raise `NotFound` where it was not, or is gone."""
    path = settings.exports_dir / export.path
    if not export.path or not path.is_file():
        raise NotFound("file of job", export.job_id)
    return path


def forget_products(
    session: Session, workspace_id: int, product_ids: Collection[int]
) -> tuple[int, int, list[str]]:
    """Delete snapshots of products and every file that shows them, overviews included, with their jobs.

    Returns
    -------
    Files and snapshots deleted, and the paths of the files, which must go once this is committed.
    """
    shown = or_(Export.product_id.in_(product_ids), Export.product_id.is_(None))
    found = list(session.scalars(select(Export).where(Export.workspace_id == workspace_id, shown)))
    paths = [row.path for row in found if row.path]
    jobs = [row.job_id for row in found]
    _gone(session, delete(Job).where(Job.workspace_id == workspace_id, Job.id.in_(jobs)))
    frozen = (Snapshot.workspace_id == workspace_id, Snapshot.product_id.in_(product_ids))
    snapshots = _gone(session, delete(Snapshot).where(*frozen))
    session.expire_all()
    return len(found), snapshots, paths


def forget_old(session: Session, workspace_id: int, now: datetime | None = None) -> int:
    """Delete files older than thirty days, and snapshots that neither a file nor an open link shows.

    Returns
    -------
    How many files; `remove_orphans` takes them off the disk once this is committed.
    """
    before = (now or datetime.now(UTC)) - timedelta(days=KEPT_DAYS)
    busy = select(Job.id).where(Job.workspace_id == workspace_id, Job.state.in_(ACTIVE))
    old = (Export.workspace_id == workspace_id, Export.created_at < before, Export.job_id.not_in(busy))
    files = _gone(session, delete(Export).where(*old))
    ended = (Share.workspace_id == workspace_id, or_(Share.expires_at < before, Share.revoked_at < before))
    _gone(session, delete(Share).where(*ended))
    shown = select(Export.snapshot_id).where(
        Export.workspace_id == workspace_id, Export.snapshot_id.is_not(None)
    )
    linked = select(Share.snapshot_id).where(Share.workspace_id == workspace_id)
    unseen = (Snapshot.id.not_in(shown), Snapshot.id.not_in(linked), Snapshot.created_at < before)
    _gone(session, delete(Snapshot).where(Snapshot.workspace_id == workspace_id, *unseen))
    return files


def remove_orphans(session: Session, settings: Settings, workspace_id: int, hours: float = 24) -> int:
    """Delete files so old that no row names: of deleted jobs, or left by a worker that was killed."""
    query = select(Export.path).where(Export.workspace_id == workspace_id, Export.path != "")
    named = set(session.scalars(query))
    before = datetime.now(UTC).timestamp() - hours * 3600
    gone = 0
    for path in (settings.exports_dir / str(workspace_id)).glob("*"):
        kept = path.relative_to(settings.exports_dir).as_posix() in named
        if not kept and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _gone(session: Session, statement: Any) -> int:
    done: Any = session.execute(statement, execution_options={"synchronize_session": False})
    return int(done.rowcount)
