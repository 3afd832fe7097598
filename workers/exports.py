"""Files for download: written beside their place, then put there in one step."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from reports.overview import Line, write_overview
from reports.tables import tables_of
from storage import chunks, exports, snapshots
from storage.errors import NotFound
from storage.models import Export
from storage.overview import data_cutoff, product_rows
from workers.leases import Assignment, HopelessError, finish
from workers.weekly_messages import announce

DAYS = snapshots.DAYS
PAGE = 1000


def export_file(assignment: Assignment) -> None:
    """Write the file of an export job.

    Each try writes a file of its own and the row names the one that won: a worker that was killed, or whose
    product was deleted meanwhile, leaves none that anybody can ask for.
    """
    folder = assignment.context.settings.exports_dir / str(assignment.workspace_id)
    with assignment.context.sessions() as session:
        try:
            export = exports.export_of(session, assignment.workspace_id, assignment.job.id)
            target = folder / f"{assignment.job.id}-{uuid.uuid4().hex[:8]}.{export.format}"
            with _put_in_place(target) as part:
                rows = _write(session, export, part)
        except NotFound as error:
            raise HopelessError(str(error)) from error
    try:
        wake = _settle(assignment, target, rows)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    wake()


def _settle(assignment: Assignment, target: Path, rows: int) -> Callable[[], None]:
    """Name the file in its row, queue who is told of it, and end the chunk, in one transaction."""
    with assignment.context.sessions.begin() as session:
        try:
            made = exports.export_of(session, assignment.workspace_id, assignment.job.id)
        except NotFound as error:
            raise HopelessError(str(error)) from error
        made.path = target.relative_to(assignment.context.settings.exports_dir).as_posix()
        made.size, made.sha256 = target.stat().st_size, _sha256(target)
        announce(session, assignment.context.settings, assignment.job, made, rows)
        chunks.record(session, assignment.lease, done=rows, rows=rows)
        return finish(session, assignment)


def _write(session: Session, export: Export, path: Path) -> int:
    """Write what an export shows; return how many rows."""
    from reports.workbook import write_workbook

    if export.snapshot_id is None:
        return _overview(session, export, path)
    snapshot = snapshots.get_snapshot(session, export.workspace_id, export.snapshot_id)
    figures = snapshots.figures_of(snapshot)
    session.rollback()  # no transaction is open while a file is written
    if export.format == "pdf":
        from reports.paper import write_paper

        write_paper(path, figures, export.language)
        return 1
    return write_workbook(path, tables_of(figures, export.language))


def _overview(session: Session, export: Export, path: Path) -> int:
    cutoff = data_cutoff(session, export.workspace_id)
    end = max((day for day in (cutoff.sales, cutoff.reviews) if day), default=date.today())
    start = end - timedelta(days=DAYS - 1)
    lines = _lines(session, export.workspace_id, start, end)
    return write_overview(path, lines, start, end, export.language)


def _lines(session: Session, workspace_id: int, start: date, end: date) -> Iterator[Line]:
    """Yield a line per product, a page of them in memory at a time."""
    cursor: str | None = None
    while True:
        page = product_rows(session, workspace_id, start=start, end=end, cursor=cursor, limit=PAGE)
        for row in page.items:
            product = row.product
            named = (product.external_id, product.title, product.category, product.brand, product.shop)
            ahead = (row.forecast_units, row.forecast_low, row.forecast_high, row.p_up)
            net = (row.net_sentiment, row.previous_net_sentiment)
            yield Line(named, (row.units, row.previous_units), row.reviews, net, ahead, row.verdict)
        session.expunge_all()
        cursor = page.next
        if cursor is None:
            return


@contextmanager
def _put_in_place(target: Path) -> Iterator[Path]:
    """Give a name to write to; on success the file there becomes the target, else nothing is left."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    try:
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
