"""Jobs: what is under way, how far it is, what it refused."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from storage.errors import Conflict
from storage.exports import exports_of
from storage.jobs import (
    Progress,
    count_active,
    get_job,
    iter_refusals,
    list_jobs,
    list_refusals,
    progress,
    progress_of,
    starters,
)
from storage.models import JOB_STATES, KINDS, Job
from storage.undo import undo_of
from webapp import jobs as control
from webapp.auth import current_workspace, login_required_page, role_required
from webapp.database import session
from webapp.language import language
from webapp.pages.failures import explain, failures_csv
from webapp.pages.undo import SHOWN, can_undo, receipt

PAGE = 25
SHOWN_REFUSALS = 20
ENDED = ("succeeded", "failed", "cancelled")


@dataclass(frozen=True)
class Standing:
    """A job beside how far it is."""

    job: Job
    progress: Progress

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.job.state in ENDED


def add_routes(pages: Blueprint) -> None:
    """Put the pages at /jobs."""
    pages.add_url_rule("/jobs", "jobs", jobs)
    pages.add_url_rule("/jobs/<uuid:job_id>", "job", job)
    pages.add_url_rule("/jobs/<uuid:job_id>/progress", "job_progress", job_progress)
    pages.add_url_rule("/jobs/<uuid:job_id>/failures.csv", "job_failures", job_failures)
    pages.add_url_rule("/jobs/<uuid:job_id>/cancel", "cancel_job", cancel_job, methods=["POST"])
    pages.add_url_rule("/jobs/<uuid:job_id>/retry", "retry_job", retry_job, methods=["POST"])


@login_required_page
def jobs() -> ResponseReturnValue:
    """List jobs, newest first; htmx asks again for the table while one is under way."""
    wanted = {name: request.args.get(name) or None for name in ("kind", "state")}
    cursor = request.args.get("cursor")
    page = list_jobs(session, current_workspace.id, **wanted, cursor=cursor, limit=PAGE)
    found = progress_of(session, current_workspace.id, page.items)
    return render_template(
        "pages/jobs_table.html" if "HX-Request" in request.headers else "pages/jobs.html",
        section="pages.jobs",
        standings=[Standing(job, found[job.id]) for job in page.items],
        next=page.next,
        wanted=wanted,
        kinds=KINDS,
        states=JOB_STATES,
        starters=starters(session, page.items),
        moving=count_active(session, current_workspace.id) > 0,
    )


@login_required_page
def job(job_id: UUID) -> ResponseReturnValue:
    """Show a job with its stages."""
    return render_template("pages/job.html", section="pages.jobs", **_detail(job_id))


@login_required_page
def job_progress(job_id: UUID) -> ResponseReturnValue:
    """Show only what moves: a fragment that asks for itself again until the job has ended."""
    return render_template("pages/job_progress.html", **_detail(job_id))


@login_required_page
def job_failures(job_id: UUID) -> ResponseReturnValue:
    """Stream every refused row as a CSV that spreadsheets open."""
    get_job(session, current_workspace.id, job_id)
    refusals = iter_refusals(session, current_workspace.id, job_id)
    body = stream_with_context(failures_csv(refusals, language()))
    return Response(
        body,
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="refused-{job_id}.csv"'},
    )


@role_required("analyst")
def cancel_job(job_id: UUID) -> ResponseReturnValue:
    """Stop a job; what is in stays in."""
    return _change(job_id, control.cancel, _("The job was cancelled. Rows already in stay."))


@role_required("analyst")
def retry_job(job_id: UUID) -> ResponseReturnValue:
    """Go on where a job stopped."""
    return _change(job_id, control.retry, _("The job goes on where it stopped."))


def _detail(job_id: UUID) -> dict[str, Any]:
    found = get_job(session, current_workspace.id, job_id)
    made = exports_of(session, current_workspace.id, [job_id]) if found.kind == "export" else {}
    refusals = list_refusals(session, current_workspace.id, job_id, limit=SHOWN_REFUSALS).items
    return {
        "standing": Standing(found, progress(session, found)),
        "starter": starters(session, [found]).get(found.user_id),
        "undone_by": undo_of(session, current_workspace.id, job_id) if can_undo(found) else None,
        "undoable": can_undo(found),
        "tolls": receipt(found.result) if found.kind == "undo" and found.result else None,
        "shown": SHOWN,
        "study": _study(found),
        "file": made.get(job_id),
        "refusals": [explain(refusal, language()) for refusal in refusals],
    }


def _study(job: Job) -> str | None:
    """Return where what a job found out is shown, None where it looked for nothing."""
    if "words" in job.params:
        return url_for("settings.word_study", study_id=job.id)
    return url_for("settings.aspect_study", aspect_study_id=job.id) if "aspects" in job.params else None


def _change(job_id: UUID, change: Callable[[Session, int, UUID], Job], said: str) -> ResponseReturnValue:
    try:
        change(session, current_workspace.id, job_id)
    except Conflict:
        flash(_("The job has moved on in the meantime; nothing was changed."), "error")
    else:
        session.commit()
        flash(said)
    return redirect(url_for("pages.job", job_id=job_id))
