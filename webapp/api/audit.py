"""Who did what in the workspace; for its owners."""

from typing import Any

from marshmallow import Schema, fields
from marshmallow.validate import Length

from storage import audit
from webapp.api.blueprint import ApiBlueprint
from webapp.api.paging import PageQuery, page_of
from webapp.auth.access import current_workspace, role_required
from webapp.database import session

blueprint = ApiBlueprint("audit", __name__, "Who did what, in a chain that no statement may change.")


class AuditEntrySchema(Schema):
    """One act; `hash` covers it and the `previous` entry's hash."""

    place = fields.Integer(required=True, metadata={"description": "1, 2, … in this workspace."})
    at = fields.AwareDateTime(required=True)
    actor = fields.String(required=True)
    address = fields.String(required=True)
    action = fields.String(required=True)
    target = fields.String(required=True)
    before = fields.Dict(required=True, allow_none=True)
    after = fields.Dict(required=True, allow_none=True)
    previous = fields.String(required=True)
    hash = fields.String(required=True)


class AuditQuery(PageQuery):
    """Which entries."""

    action = fields.String(
        load_default="",
        validate=Length(max=50),
        metadata={"description": "Beginning of an action, such as `token` or `login`."},
    )


@blueprint.route("/audit")
@role_required("owner")
@blueprint.arguments(AuditQuery, location="query")
@blueprint.response(200, page_of(AuditEntrySchema))
def listing(query: dict[str, Any]) -> Any:
    """List what was done in the workspace, newest first; owners only."""
    return audit.list_entries(session, current_workspace.id, **query)
