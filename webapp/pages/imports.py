"""The import pages: choose a file, look at what would be read, start."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict

import ingest
from ingest import columns as header
from settings import Settings
from storage.models import Upload
from storage.uploads import get_upload
from webapp import imports
from webapp.auth import current_workspace, login_required_page, role_required
from webapp.cells import MARK, csv_line
from webapp.database import session
from webapp.language import language
from webapp.pages.columns import choices, fields
from webapp.pages.names import file_kind
from webapp.pages.workbook import XLSX, workbook
from webapp.problems import Problem
from webapp.uploads import store

ENCODINGS = ("utf-8", "gb18030")


@dataclass(frozen=True)
class Wish:
    """How a stored file is to be read, as the form says it."""

    kind: str
    encoding: str | None
    mapping: dict[str, str]
    roles: dict[str, str]


def add_routes(pages: Blueprint) -> None:
    """Put the pages at /imports."""
    pages.add_url_rule("/imports/new", "new_import", new_import)
    pages.add_url_rule("/imports", "upload", upload, methods=["POST"])
    pages.add_url_rule("/imports/<int:upload_id>", "preview", preview)
    pages.add_url_rule("/imports/<int:upload_id>/start", "start_import", start_import, methods=["POST"])
    pages.add_url_rule("/imports/templates/<kind>.csv", "import_template", import_template)
    pages.add_url_rule("/imports/templates/<kind>.xlsx", "import_workbook", import_workbook)


@role_required("analyst")
def new_import() -> ResponseReturnValue:
    """Show the form."""
    return render_template(
        "pages/import_new.html",
        section="pages.new_import",
        kinds=imports.KINDS,
        chosen=request.args.get("kind", "reviews"),
        limit=_settings().max_upload_bytes,
    )


@role_required("analyst")
def upload() -> ResponseReturnValue:
    """Keep the file, once, and go on to its preview."""
    kind, file = request.form.get("kind", "reviews"), request.files.get("file")
    if kind not in imports.KINDS:
        raise Problem(400, _("%(kind)s is no kind of file.", kind=kind))
    if file is None or not file.filename:
        flash(_("Choose a file first."), "error")
        return redirect(url_for("pages.new_import", kind=kind))
    stored = store(session, _settings(), current_workspace.id, current_user.id, file.stream, file.filename)
    session.commit()
    return redirect(url_for("pages.preview", upload_id=stored.id, kind=kind))


@role_required("analyst")
def preview(upload_id: int) -> ResponseReturnValue:
    """Show encoding, columns, first rows and refused rows, as the import would read them."""
    stored = get_upload(session, current_workspace.id, upload_id)
    return render_template("pages/import_preview.html", **_seen(stored, read_wish(request.args)))


@role_required("analyst")
def start_import(upload_id: int) -> ResponseReturnValue:
    """Start the job on the stored file; go to the job, or back to the preview with what is wrong."""
    stored = get_upload(session, current_workspace.id, upload_id)
    wish = read_wish(request.form)
    try:
        job = imports.start_stored_import(
            session, _settings(), stored, wish.kind, wish.mapping, wish.encoding, wish.roles
        )
    except ingest.IngestError as error:
        return render_template(
            "pages/import_preview.html", **_seen(stored, wish, error.reason(language()))
        ), 422
    except imports.ImportRefused as error:
        return render_template("pages/import_preview.html", **_seen(stored, wish, str(error))), 422
    session.commit()
    return redirect(url_for("pages.job", job_id=job.id))


@login_required_page
def import_template(kind: str) -> ResponseReturnValue:
    """Send an empty file with the header of a kind, marked so that Excel reads it as UTF-8."""
    if kind not in imports.KINDS:
        raise Problem(404, _("%(kind)s is no kind of file.", kind=kind))
    header = csv_line(ingest.template(kind, language()))
    headers = {"Content-Disposition": f'attachment; filename="{kind}.csv"'}
    return Response(MARK + header, mimetype="text/csv", headers=headers)


@login_required_page
def import_workbook(kind: str) -> ResponseReturnValue:
    """Send the same as a workbook with Chinese names, in which long ids stay as they are typed."""
    if kind not in imports.KINDS:
        raise Problem(404, _("%(kind)s is no kind of file.", kind=kind))
    headers = {"Content-Disposition": f'attachment; filename="{kind}.xlsx"'}
    return Response(workbook(kind, file_kind(kind)), mimetype=XLSX, headers=headers)


def read_wish(given: "MultiDict[str, str]") -> Wish:
    """Read the form: `column` and `field` come in pairs, as do `role_column` and `role`."""
    kind, encoding = given.get("kind", "reviews"), given.get("encoding")
    if kind not in imports.KINDS:
        raise Problem(400, _("%(kind)s is no kind of file.", kind=kind))
    return Wish(
        kind=kind,
        encoding=encoding if encoding in ENCODINGS else None,
        mapping=dict(zip(given.getlist("column"), given.getlist("field"), strict=False)),
        roles=dict(zip(given.getlist("role_column"), given.getlist("role"), strict=False)),
    )


def _seen(stored: Upload, wish: Wish, fault: str = "") -> dict[str, Any]:
    """Read the first rows; a wish that does not fit falls back to what the file itself suggests."""
    shown: dict[str, Any] = {"upload": stored, "wish": wish, "kinds": imports.KINDS, "encodings": ENCODINGS}
    shown |= {
        "section": "pages.new_import",
        "fields": fields(wish.kind, language()),
        "fault": fault,
        "seen": None,
    }
    for mapping in (wish.mapping, {}):
        try:
            seen = imports.preview(_settings(), stored, wish.kind, mapping, wish.encoding)
        except ingest.IngestError as error:
            shown["fault"] = shown["fault"] or error.reason(language())
        else:
            return shown | {"seen": seen, "columns": choices(seen, wish.roles), "likely": _likely(seen, wish)}
    return shown


def _likely(seen: ingest.Preview, wish: Wish) -> list[str]:
    """Return the kinds that the file's header fits, where it does not fit the one that was chosen."""
    if not seen.missing:
        return []
    fits = (kind for kind in imports.KINDS if not header.missing(header.match(seen.columns, kind), kind))
    return [kind for kind in fits if kind != wish.kind]


def _settings() -> Settings:
    return current_app.extensions["settings"]  # type: ignore[no-any-return]
