"""Sending files, or a few rows, to be read in."""

import io
from typing import Any

from flask import current_app, json, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_smorest.fields import Upload as UploadField
from marshmallow import Schema, ValidationError, fields
from marshmallow.validate import Length, OneOf

from webapp.api.blueprint import ApiBlueprint
from webapp.api.idempotency import idempotent
from webapp.api.jobs import JobSchema, accepted
from webapp.auth.access import current_workspace, principal, role_required
from webapp.database import session
from webapp.imports import KINDS, ROLES, start_import
from webapp.problems import Problem

MAX_ROWS = 10_000
TEXT_TO_TEXT: dict[str, Any] = {"type": "object", "additionalProperties": {"type": "string"}}

blueprint = ApiBlueprint("imports", __name__, "Reading in reviews, products, sales and orders.")


class JsonObject(fields.Field):
    """An object of text to text, written as JSON in a form field."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, str]:
        try:
            found = json.loads(value) if isinstance(value, str) else value
        except ValueError as error:
            raise ValidationError(gettext("Not valid JSON: %(error)s", error=str(error))) from error
        if not isinstance(found, dict) or not all(isinstance(part, str) for part in found.values()):
            raise ValidationError(
                gettext('This is a JSON object of text to text, such as {"评论内容": "text"}.')
            )
        return found


class OptionsSchema(Schema):
    """How the rows are to be read."""

    kind = fields.String(required=True, validate=OneOf(KINDS))
    mapping = JsonObject(
        load_default=dict,
        metadata=TEXT_TO_TEXT
        | {"description": "JSON: column name to field; an empty field ignores the column."},
    )
    encoding = fields.String(load_default=None, validate=Length(1, 40))
    roles = JsonObject(
        load_default=dict,
        metadata=TEXT_TO_TEXT
        | {"description": f"JSON: extra numeric column of sales to {' or '.join(ROLES)}."},
    )


class FilesSchema(Schema):
    """The file itself."""

    file = UploadField(required=True)


class FileSchema(OptionsSchema, FilesSchema):
    """A file and how to read it (multipart/form-data)."""


class RowsSchema(Schema):
    """A few rows and how to read them (application/json)."""

    kind = fields.String(required=True, validate=OneOf(KINDS))
    rows = fields.List(fields.Dict(keys=fields.String()), required=True, validate=Length(1, MAX_ROWS))
    mapping = JsonObject(load_default=dict, metadata=TEXT_TO_TEXT)
    roles = JsonObject(load_default=dict, metadata=TEXT_TO_TEXT)


@blueprint.route("/imports", methods=["POST"])
@role_required("analyst")
@idempotent
@blueprint.doc(
    requestBody={
        "required": True,
        "content": {
            "multipart/form-data": {"schema": FileSchema},
            "application/json": {"schema": RowsSchema},
        },
    }
)
@blueprint.response(202, JobSchema, description="Being read in; `Location` says where to look.")
def create() -> ResponseReturnValue:
    """Read in a file (CSV, xlsx, JSON lines, Parquet; .gz too), or a few rows sent as JSON."""
    if request.mimetype == "multipart/form-data":
        wish = blueprint.ARGUMENTS_PARSER.parse(OptionsSchema, request, location="form")
        files = blueprint.ARGUMENTS_PARSER.parse(FilesSchema, request, location="files")
        stream, filename = files["file"].stream, files["file"].filename or "upload"
    elif request.is_json:
        wish = blueprint.ARGUMENTS_PARSER.parse(RowsSchema, request, location="json") | {"encoding": "utf-8"}
        stream, filename = _as_lines(wish.pop("rows")), "rows.jsonl"
    else:
        raise Problem(415, gettext("Send a file as multipart/form-data, or rows as application/json."))
    who = principal()
    return accepted(
        start_import(
            session,
            current_app.extensions["settings"],
            current_workspace.id,
            who.user_id if who else None,
            stream=stream,
            filename=filename,
            **wish,
        )
    )


def _as_lines(rows: list[dict[str, Any]]) -> io.BytesIO:
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    # Half a surrogate pair has no bytes; as an escape it reaches the reader, who refuses that row alone.
    return io.BytesIO(lines.encode("utf-8", "backslashreplace"))
