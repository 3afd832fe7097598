"""Taking an import back: what it would do, asked before, and what it did."""

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from storage import undo
from storage.errors import Conflict
from storage.jobs import ACTIVE, get_job
from storage.models import IMPORT_KINDS, Job
from storage.replaced import TABLES
from storage.undo import Toll
from webapp import jobs as control
from webapp.auth import current_workspace, role_required
from webapp.database import session

SHOWN = ("reviews", *TABLES)
CHANGED = "changed"


def add_routes(pages: Blueprint) -> None:
    """Put the page at /jobs/…/undo."""
    pages.add_url_rule("/jobs/<uuid:job_id>/undo", "ask_undo", ask)
    pages.add_url_rule("/jobs/<uuid:job_id>/undo", "undo", confirm, methods=["POST"])


@role_required("analyst")
def ask(job_id: UUID) -> ResponseReturnValue:
    """Show what taking an import back would do; nothing is changed."""
    job = get_job(session, current_workspace.id, job_id)
    asked = undo.undo_of(session, current_workspace.id, job_id)
    if asked is not None:
        return redirect(url_for("pages.job", job_id=asked.id))
    tolls = undo.foresee(session, current_workspace.id, job_id) if can_undo(job) else None
    return render_template("pages/undo.html", section="pages.jobs", job=job, tolls=tolls, shown=SHOWN)


@role_required("analyst")
def confirm(job_id: UUID) -> ResponseReturnValue:
    """Take the import back; go to the job that does it."""
    try:
        made = control.undo(session, current_workspace.id, job_id, current_user.id)
    except Conflict:
        flash(_("Only an import that has ended can be undone."), "error")
        return redirect(url_for("pages.job", job_id=job_id))
    session.commit()
    return redirect(url_for("pages.job", job_id=made.id))


def can_undo(job: Job) -> bool:
    """Tell whether a job brought something in that could be taken back."""
    return job.kind in IMPORT_KINDS and job.state not in ACTIVE


def receipt(result: Mapping[str, int] | None) -> dict[str, Toll]:
    """Return by table what an undo has done so far, as its job counts it."""
    counts = result or {}
    return {
        table: Toll(*(counts.get(f"{table}_{what}", 0) for what in ("removed", "restored", "kept")))
        for table in (*SHOWN, CHANGED)
    }
