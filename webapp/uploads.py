"""Files as they were sent: streamed to disk, byte for byte, hashed on the way."""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import BinaryIO
from uuid import uuid4

from sqlalchemy import event
from sqlalchemy.orm import Session

from settings import Settings
from storage import uploads
from storage.models import Upload
from webapp.auth.audit import note

PIECE = 1024 * 1024
LONGEST_NAME = 200
_UNSETTLED = "files_of_this_transaction"


class UploadTooLarge(ValueError):
    """The stream holds more than `max_upload_bytes`."""


def store(
    session: Session,
    settings: Settings,
    workspace_id: int,
    user_id: int | None,
    stream: BinaryIO,
    filename: str,
) -> Upload:
    """Write `stream` under the uploads folder and record it; nothing stays on disk when that fails.

    Raises
    ------
    UploadTooLarge
        When it holds more than `settings.max_upload_bytes`.
    """
    name = PurePath(filename.replace("\\", "/")).name or "upload"
    _watch(session)
    with _kept_on_success(settings.uploads_dir / f"{workspace_id}" / f"{uuid4()}{_suffixes(name)}") as target:
        session.info[_UNSETTLED].append(target)
        digest, size = _write(stream, target, settings.max_upload_bytes)
        stored = uploads.add_upload(
            session,
            workspace_id,
            path=target.relative_to(settings.uploads_dir).as_posix(),
            original_name=name[:LONGEST_NAME],
            sha256=digest,
            size=size,
            user_id=user_id,
        )
        kept = {"sha256": digest, "bytes": size}
        note(session, workspace_id, "upload.keep", stored.original_name, after=kept)
        return stored


def path_of(settings: Settings, upload: Upload) -> Path:
    """Return where the bytes of `upload` lie."""
    return settings.uploads_dir / upload.path


def _watch(session: Session) -> None:
    """Delete files whose rows are rolled back: a full disk must not be filled by what it refused."""
    if _UNSETTLED not in session.info:
        session.info[_UNSETTLED] = []
        event.listen(session, "after_commit", _settle)
        event.listen(session, "after_rollback", _remove)


def _settle(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info[_UNSETTLED].clear()


def _remove(session: Session) -> None:
    if not session.in_nested_transaction():
        for path in session.info[_UNSETTLED]:
            path.unlink(missing_ok=True)
        session.info[_UNSETTLED].clear()


@contextmanager
def _kept_on_success(target: Path) -> Iterator[Path]:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield target
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _write(stream: BinaryIO, target: Path, limit: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with target.open("xb") as file:
        while piece := stream.read(PIECE):
            size += len(piece)
            if size > limit:
                raise UploadTooLarge(f"the file is larger than {limit:,} bytes")
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest(), size


def _suffixes(name: str) -> str:
    """Return what tells the format, such as `.csv.gz`; the rest of a foreign name stays off our disk."""
    found = re.search(r"(\.[a-z0-9]{1,8})?(\.gz)?$", name.lower())
    return found.group() if found else ""
