"""What is being done, how far it is, and what it could not read."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any
from uuid import UUID

from flask import Response, jsonify, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from ingest import Refusal
from storage import exports
from storage import jobs as stored
from storage.models import KINDS, Job
from storage.progress import Progress, progress, progress_of
from webapp import jobs
from webapp.api.blueprint import ApiBlueprint
from webapp.api.idempotency import idempotent
from webapp.api.paging import PageQuery, page_of
from webapp.auth.access import current_workspace, principal, role_required
from webapp.cells import MARK, csv_line
from webapp.database import session
from webapp.exports import send
from webapp.language import language
from webapp.problems import Problem

STATES = ("queued", "running", "succeeded", "failed", "cancelled")

blueprint = ApiBlueprint("jobs", __name__, "Work in progress, and what came of it.")


class StageSchema(Schema):
    """One stage of a job; of `train`, steps of learning are counted."""

    name = fields.String(required=True)
    total = fields.Integer(allow_none=True)
    done = fields.Integer(required=True)
    failed = fields.Integer(required=True)


class JobSchema(Schema):
    """A job and how far it is; `done` + `failed` = `total` once it has succeeded."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=OneOf(KINDS))
    state = fields.String(required=True, validate=OneOf(STATES))
    stage = fields.String(required=True)
    stages = fields.List(fields.Nested(StageSchema), required=True)
    total = fields.Integer(
        allow_none=True, metadata={"description": "Rows; null while they are being counted."}
    )
    done = fields.Integer(required=True)
    failed = fields.Integer(required=True)
    rate = fields.Float(allow_none=True, metadata={"description": "Rows a second, lately."})
    eta_seconds = fields.Float(
        allow_none=True, metadata={"description": "Where models learn: of the stage that is at work."}
    )
    error = fields.String(required=True)
    columns = fields.Dict(
        keys=fields.String(),
        values=fields.String(validate=OneOf(("future", "past"))),
        metadata={"description": "Extra columns of a sales file and what they were taken for."},
    )
    errors_url = fields.String(allow_none=True)
    result_url = fields.String(allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    started_at = fields.AwareDateTime(allow_none=True)
    finished_at = fields.AwareDateTime(allow_none=True)


class JobQuery(PageQuery):
    """Which jobs."""

    kind = fields.String(load_default=None, validate=OneOf(KINDS))
    state = fields.String(load_default=None, validate=OneOf(STATES))


def job_view(
    job: Job, counted: Progress | None = None, files: Collection[UUID] | None = None
) -> dict[str, Any]:
    """Return `job` as the API shows it; `files` are the jobs whose file can be downloaded."""
    now = counted or progress(session, job)
    return {
        **{
            name: getattr(job, name)
            for name in ("id", "kind", "state", "stage", "created_at", "started_at", "finished_at")
        },
        **{
            name: getattr(now, name)
            for name in ("total", "done", "failed", "rate", "eta_seconds", "stages", "error")
        },
        "columns": job.params.get("columns") or {},
        "errors_url": url_for("jobs.errors", job_id=job.id) if now.failed else None,
        "result_url": _result_url(job, _made_files([job]) if files is None else files),
    }


def _result_url(job: Job, files: Collection[UUID]) -> str | None:
    if job.id in files:
        return url_for("jobs.file", job_id=job.id)
    return url_for("jobs.result", job_id=job.id) if job.result is not None else None


def _made_files(found: Iterable[Job]) -> set[UUID]:
    """Return those of some jobs that have made a file for download."""
    ids = [job.id for job in found if job.kind == "export"]
    return {id for id, row in exports.exports_of(session, current_workspace.id, ids).items() if row.path}


def accepted(job: Job) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Answer 202 with the job and where to look for it."""
    return job_view(job), 202, {"Location": url_for("jobs.get", job_id=job.id)}


@blueprint.route("/jobs")
@role_required("viewer")
@blueprint.arguments(JobQuery, location="query")
@blueprint.response(200, page_of(JobSchema))
def listing(query: dict[str, Any]) -> dict[str, Any]:
    """List jobs, newest first."""
    page = stored.list_jobs(session, current_workspace.id, **query)
    counted = progress_of(session, current_workspace.id, page.items)
    made = _made_files(page.items)
    return {"items": [job_view(job, counted[job.id], made) for job in page.items], "next": page.next}


@blueprint.route("/jobs/<uuid:job_id>")
@role_required("viewer")
@blueprint.response(200, JobSchema)
def get(job_id: UUID) -> dict[str, Any]:
    """Get a job."""
    return job_view(stored.get_job(session, current_workspace.id, job_id))


@blueprint.route("/jobs/<uuid:job_id>/cancel", methods=["POST"])
@role_required("analyst")
@idempotent
@blueprint.response(202, JobSchema)
def cancel(job_id: UUID) -> ResponseReturnValue:
    """Cancel a job; rows that are already in stay."""
    return accepted(jobs.cancel(session, current_workspace.id, job_id))


@blueprint.route("/jobs/<uuid:job_id>/retry", methods=["POST"])
@role_required("analyst")
@idempotent
@blueprint.response(202, JobSchema)
def retry(job_id: UUID) -> ResponseReturnValue:
    """Go on with what a failed or cancelled job left undone."""
    return accepted(jobs.retry(session, current_workspace.id, job_id))


@blueprint.route("/jobs/<uuid:job_id>/undo", methods=["POST"])
@role_required("analyst")
@idempotent
@blueprint.response(202, JobSchema, description="The job that takes the import back.")
def undo(job_id: UUID) -> ResponseReturnValue:
    """Take back what an ended import brought in; the result counts what went, came back and stayed."""
    who = principal()
    return accepted(jobs.undo(session, current_workspace.id, job_id, who.user_id if who else None))


@blueprint.route("/jobs/<uuid:job_id>/result")
@role_required("viewer")
@blueprint.response(200, {"type": "object"}, description="The result of the job.")
def result(job_id: UUID) -> Response:
    """Get what a job found; 404 until there is something."""
    found = stored.get_job(session, current_workspace.id, job_id).result
    if found is None:
        raise Problem(404, gettext("This job has no result yet."))
    return jsonify(found)


@blueprint.route("/jobs/<uuid:job_id>/file")
@role_required("viewer")
@blueprint.response(
    200,
    {"type": "string", "format": "binary"},
    content_type="application/octet-stream",
    description="The file that an export made.",
)
def file(job_id: UUID) -> Response:
    """Download the file of an export; 404 until it is made, and thirty days after."""
    return send(exports.export_of(session, current_workspace.id, job_id))


@blueprint.route("/jobs/<uuid:job_id>/errors.csv")
@role_required("viewer")
@blueprint.response(200, {"type": "string"}, content_type="text/csv", description="One line a refused cell.")
def errors(job_id: UUID) -> Response:
    """Download the refused rows: line, column, value, code and reason (CSV, UTF-8 with BOM)."""
    job = stored.get_job(session, current_workspace.id, job_id)
    response = Response(stream_with_context(refusal_lines(job)), mimetype="text/csv")
    response.headers["Content-Disposition"] = f"attachment; filename=errors-{job.id}.csv"
    return response


def refusal_lines(job: Job) -> Iterator[str]:
    """Yield the CSV of what `job` refused, line by line; cells that could be formulas are made text."""
    tongue = language()
    yield MARK + csv_line(("line", "column", "value", "code", "reason"))
    for row in stored.iter_refusals(session, job.workspace_id, job.id):
        reason = Refusal(row.line, row.column, row.value, row.code).reason(tongue)
        yield csv_line((row.line, row.column, row.value, row.code, reason))
