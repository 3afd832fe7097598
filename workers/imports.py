"""A file goes in batch by batch; each batch is committed together with how far the file was read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import ingest
from ingest import IngestError, Refusal, Row
from storage import chunks, jobs
from storage.wakeups import wakeups_of
from workers.leases import Assignment, HopelessError, finish
from workers.loaders import LOADERS, numbered
from workers.masking import masked_value

# A chunk steps aside after this long, so that a big file does not keep others waiting.
TURN_SECONDS = 30


def import_chunk(assignment: Assignment, turn_seconds: float = TURN_SECONDS) -> None:
    """Read the job's file from where the last commit left it.

    Raises
    ------
    HopelessError
        The file as a whole is wrong; says where and why.
    LeaseLost
        The job was cancelled, or another worker took over.
    """
    try:
        count_rows(assignment)
        at_end = read_on(assignment, turn_seconds)
    except IngestError as error:
        raise HopelessError(f"{error.reason('zh')} / {error.reason('en')}") from error
    with assignment.context.sessions.begin() as session:
        wake = finish(session, assignment) if at_end else _step_aside(session, assignment)
    wake()


def count_rows(assignment: Assignment) -> None:
    """Count the file's rows once, reading it all: a truncated file is refused before anything is in."""
    job = assignment.job
    if job.total is not None:
        return
    total = ingest.count_rows(
        path_of(assignment),
        encoding=job.params.get("encoding"),
        max_unpacked_bytes=assignment.context.settings.max_unpacked_bytes,
    )
    with assignment.context.sessions.begin() as session:
        chunks.record(session, assignment.lease, rows=total)
        jobs.lock_job(session, job.workspace_id, job.id).total = total


def read_on(assignment: Assignment, turn_seconds: float) -> bool:
    """Import batches until the file ends (true) or the turn is over (false)."""
    deadline: float | None = None
    cursor = assignment.chunk.cursor
    rest = islice(_items(assignment), cursor, None)
    while batch := list(islice(rest, assignment.context.settings.import_batch_rows)):
        cursor += len(batch)
        _commit(assignment, batch, cursor)
        # The turn begins with the first batch: reading up to it may take long in a big file.
        deadline = deadline or time.monotonic() + turn_seconds
        if time.monotonic() >= deadline:
            return False
    return True


def path_of(assignment: Assignment) -> Path:
    """Return where the job's file lies.

    Raises
    ------
    HopelessError
        It is no longer there.
    """
    upload = assignment.job.upload
    path = assignment.context.settings.uploads_dir / (upload.path if upload else "")
    if upload is None or not path.is_file():
        raise HopelessError(f"the uploaded file is gone: {upload.original_name if upload else 'none'}")
    return path


def _items(assignment: Assignment) -> Iterator[Row | Refusal]:
    job, settings = assignment.job, assignment.context.settings
    items = ingest.rows(
        path_of(assignment),
        job.kind.removeprefix("import_"),
        mapping=job.params.get("mapping") or None,
        encoding=job.params.get("encoding"),
        timezone=settings.timezone,
        max_unpacked_bytes=settings.max_unpacked_bytes,
    )
    return numbered(items) if job.kind == "import_orders" else items


def _commit(assignment: Assignment, batch: list[Row | Refusal], cursor: int) -> None:
    """Commit a batch's rows, its refusals, the work that follows and the cursor, or nothing of it."""
    job, settings = assignment.job, assignment.context.settings
    rows = [item.values for item in batch if isinstance(item, Row)]
    refused = [_refused(item) for item in batch if isinstance(item, Refusal)]
    with assignment.context.sessions.begin() as session:
        loaded = LOADERS[job.kind](session, settings, job, rows)
        jobs.add_refusals(session, job.workspace_id, job.id, refused)
        added = chunks.add_chunks(session, job.workspace_id, job.id, "score", loaded.parts)
        chunks.note_products(session, assignment.lease, loaded.touched)
        chunks.record(
            session,
            assignment.lease,
            done=len(rows),
            failed=len(refused),
            duplicates=loaded.duplicates,
            cursor=cursor,
        )
        wakeups = wakeups_of(added)
    assignment.context.wake(wakeups)


def _step_aside(session: Any, assignment: Assignment) -> Any:
    chunks.put_back(session, assignment.lease)
    return lambda: assignment.context.wake(wakeups_of([assignment.chunk]))


def _refused(refusal: Refusal) -> dict[str, Any]:
    return {
        "line": refusal.line,
        "column": refusal.column,
        "value": masked_value(refusal),
        "code": refusal.code,
    }
