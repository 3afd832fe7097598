"""Files as they were sent."""

from __future__ import annotations

from sqlalchemy.orm import Session

from storage.errors import NotFound
from storage.models import Upload
from storage.tenancy import own


def add_upload(
    session: Session,
    workspace_id: int,
    *,
    path: str,
    original_name: str,
    sha256: str,
    size: int,
    user_id: int | None = None,
) -> Upload:
    """Note a file that lies at `path`, relative to the uploads folder."""
    upload = Upload(
        workspace_id=workspace_id,
        user_id=user_id,
        path=path,
        original_name=original_name,
        sha256=sha256,
        size=size,
    )
    session.add(upload)
    session.flush()
    return upload


def get_upload(session: Session, workspace_id: int, upload_id: int) -> Upload:
    """Return the upload, or raise `NotFound`, also where its file was deleted."""
    upload = own(session, workspace_id, Upload, upload_id, "upload")
    if not upload.path:
        raise NotFound("upload", upload_id)
    return upload
