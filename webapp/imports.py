"""Starting an import: the one road of the web form, the API and the command line."""

from collections.abc import Mapping
from typing import BinaryIO

from flask_babel import gettext
from sqlalchemy.orm import Session

import ingest
from ingest import Preview
from ingest.columns import require
from settings import Settings
from storage import sales
from storage.models import Job, Upload
from webapp import jobs, uploads

KINDS = ("reviews", "products", "sales", "orders")
ROLES = ("future", "past")
PREVIEW_ROWS = 200
"""Rows read to show what would be refused."""
# What the columns of our own are taken for, always.
OWN_ROLES = {
    **dict.fromkeys(("promo", "price"), "future"),
    **dict.fromkeys(("stockout", "views", "visitors", "carts", "revenue"), "past"),
}


class ImportRefused(ValueError):
    """What was asked of the file does not fit it; the message is for the reader, in their language."""


def start_import(
    session: Session,
    settings: Settings,
    workspace_id: int,
    user_id: int | None,
    kind: str,
    stream: BinaryIO,
    filename: str,
    mapping: Mapping[str, str] | None = None,
    encoding: str | None = None,
    roles: Mapping[str, str] | None = None,
) -> Job:
    """Keep the bytes as they are, look at the first rows, and make the job; workers start after the commit.

    Parameters
    ----------
    session, settings, workspace_id, user_id
        On whose behalf; the caller commits.
    kind : {"reviews", "products", "sales", "orders"}
    stream : binary file
        Read once, in pieces, never whole.
    filename : str
        What the sender calls it; its ending tells the format.
    mapping : mapping of column to field, optional
        For columns whose names are not understood; an empty field ignores the column.
    encoding : str, optional
        Instead of the one that is found.
    roles : mapping of column to {"future", "past"}, optional
        Extra numeric columns of sales: known ahead or only afterwards. Those not named are `past`, or what
        an earlier file declared.

    Returns
    -------
    Job
        Its `params["columns"]` says what each extra column was taken for.

    Raises
    ------
    ImportRefused
        When roles are given for columns that are not there, or for another kind than sales.
    ingest.IngestError
        When the file cannot be read at all, or lacks a required column.
    UploadTooLarge
        When it is larger than the settings allow.
    """
    upload = uploads.store(session, settings, workspace_id, user_id, stream, filename)
    try:
        return start_stored_import(session, settings, upload, kind, mapping, encoding, roles)
    except BaseException:
        uploads.path_of(settings, upload).unlink(missing_ok=True)
        raise


def start_stored_import(
    session: Session,
    settings: Settings,
    upload: Upload,
    kind: str,
    mapping: Mapping[str, str] | None = None,
    encoding: str | None = None,
    roles: Mapping[str, str] | None = None,
) -> Job:
    """Do the same with a file that `uploads.store` has kept before; it stays when it is refused."""
    seen = preview(settings, upload, kind, mapping, encoding)
    require(seen.columns, seen.mapping, kind)
    params = {
        "mapping": dict(mapping or {}),
        "encoding": encoding,
        "columns": _declared(session, upload.workspace_id, seen.extra, dict(roles or {})),
    }
    return jobs.start(
        session,
        upload.workspace_id,
        f"import_{kind}",
        user_id=upload.user_id,
        upload_id=upload.id,
        params=params,
    )


def preview(
    settings: Settings,
    upload: Upload,
    kind: str,
    mapping: Mapping[str, str] | None = None,
    encoding: str | None = None,
) -> Preview:
    """Read the header and the first rows of a stored file as the import would.

    Raises
    ------
    ingest.IngestError
        When it cannot be read.
    """
    return ingest.preview(
        uploads.path_of(settings, upload),
        kind,
        mapping=mapping,
        encoding=encoding,
        limit=PREVIEW_ROWS,
        timezone=settings.timezone,
        max_unpacked_bytes=settings.max_unpacked_bytes,
    )


def _declared(session: Session, workspace_id: int, extra: list[str], roles: dict[str, str]) -> dict[str, str]:
    """Return what each extra column is taken for; our own columns may be named with the role they have."""
    roles = {column: role for column, role in roles.items() if OWN_ROLES.get(column) != role}
    unknown = sorted(set(roles) - set(extra))
    if unknown:
        raise ImportRefused(
            gettext(
                "These are not extra numeric columns of the file: %(unknown)s. There are: %(extra)s.",
                unknown=", ".join(unknown),
                extra=", ".join(extra) or "—",
            )
        )
    wrong = sorted(set(roles.values()) - set(ROLES))
    if wrong:
        raise ImportRefused(gettext("A column is “future” or “past”, not %(wrong)s.", wrong=", ".join(wrong)))
    before = sales.exog_columns(session, workspace_id) if extra else {}
    return {column: roles.get(column) or before.get(column, "past") for column in extra}
