"""A file goes in batch by batch; each batch is committed together with how far the file was read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import ingest
from ingest import IngestError, Refusal, Row
from storage import chunks, jobs, months
from storage.wakeups import Wakeup, stages_of, wakeups_of
from workers.ahead import Ahead
from workers.leases import Assignment, HopelessError, finish
from workers.loaders import LOADERS, numbered, review_days
from workers.masking import masked_rows, masked_value

# A chunk steps aside after this long, so that a big file does not keep others waiting.
TURN_SECONDS = 30
# Counting a big file takes long, and is progress too.
TELL_SECONDS = 1


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
        tell=_teller(assignment),
    )
    with assignment.context.sessions.begin() as session:
        chunks.record(session, assignment.lease, rows=total)
        jobs.lock_job(session, job.workspace_id, job.id).total = total


def read_on(assignment: Assignment, turn_seconds: float) -> bool:
    """Import batches until the file ends (true), or the turn is over and another job waits (false)."""
    deadline: float | None = None
    cursor = assignment.chunk.cursor
    with Ahead(items_of(assignment), assignment.context.settings.import_batch_rows) as read:
        for batch in read:
            cursor += len(batch)
            wakeups = _commit(assignment, batch, cursor, read.meanwhile)
            read.later(partial(assignment.context.wake, wakeups))
            # The turn begins with the first batch: reading up to it may take long in a big file.
            deadline = deadline or time.monotonic() + turn_seconds
            if time.monotonic() >= deadline:
                if _others_wait(assignment):
                    return False
                deadline = None
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


def items_of(assignment: Assignment) -> Iterator[Row | Refusal]:
    """Yield the rows and refusals of the job's file from the chunk's cursor on, personal data hidden."""
    job, settings, cursor = assignment.job, assignment.context.settings, assignment.chunk.cursor
    items = ingest.rows(
        path_of(assignment),
        job.kind.removeprefix("import_"),
        mapping=job.params.get("mapping") or None,
        encoding=job.params.get("encoding"),
        timezone=settings.timezone,
        max_unpacked_bytes=settings.max_unpacked_bytes,
        skip=0 if job.kind == "import_orders" else cursor,
    )
    if job.kind == "import_orders":  # the lines of an order are counted from the file's first
        return islice(numbered(items), cursor, None)
    return masked_rows(items, job.kind)


def _teller(assignment: Assignment) -> Callable[[int], None]:
    """Return what writes down now and then how many rows the file has so far."""
    told = time.monotonic()

    def tell(rows: int) -> None:
        nonlocal told
        if time.monotonic() - told >= TELL_SECONDS:
            told = time.monotonic()
            with assignment.context.sessions.begin() as session:
                chunks.record(session, assignment.lease, rows=rows)

    return tell


def _others_wait(assignment: Assignment) -> bool:
    with assignment.context.sessions() as session:
        return chunks.others_wait(session, assignment.job.id, stages_of("nlp"))


def _commit(
    assignment: Assignment, batch: list[Row | Refusal], cursor: int, meanwhile: Callable[[], object]
) -> list[Wakeup]:
    """Commit a batch's rows, its refusals, the work that follows and the cursor, or nothing of it.

    Returns what to send to those who can begin that work.
    """
    job, settings = assignment.job, assignment.context.settings
    rows = [item.values for item in batch if isinstance(item, Row)]
    refused = [_refused(item) for item in batch if isinstance(item, Refusal)]
    if job.kind == "import_reviews":
        months.prepare(assignment.context.sessions.begin, set(review_days(settings, rows)))
    with assignment.context.sessions.begin() as session:
        loaded = LOADERS[job.kind](session, settings, job, rows, meanwhile)
        jobs.add_refusals(session, job.workspace_id, job.id, refused)
        added = chunks.add_chunks(session, job.workspace_id, job.id, "score", loaded.parts)
        wakeups = wakeups_of(added)  # now: after `record` each chunk would be read again
        chunks.note_products(session, assignment.lease, loaded.touched)
        chunks.record(
            session,
            assignment.lease,
            done=len(rows),
            failed=len(refused),
            duplicates=loaded.duplicates,
            cursor=cursor,
        )
    return wakeups


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
