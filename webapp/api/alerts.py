"""Issues that rules found, and their states."""

from typing import Any

from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from storage import alert_items
from storage.models import ALERT_STATES, AlertItem
from storage.paging import Page
from webapp.alerts import change_state
from webapp.api.blueprint import ApiBlueprint
from webapp.api.idempotency import idempotent
from webapp.api.paging import PageQuery, page_of
from webapp.auth.access import current_workspace, role_required
from webapp.database import session

DAY = {"format": "date"}

blueprint = ApiBlueprint("alerts", __name__, "Issues that rules found, ranked by what they cost.")


class AlertSchema(Schema):
    """One issue of a product, however often it was seen."""

    id = fields.Integer(required=True)
    product_id = fields.Integer(required=True)
    kind = fields.String(required=True)
    aspect = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": list(ALERT_STATES)})
    first_seen = fields.Date(required=True)
    last_seen = fields.Date(required=True)
    times = fields.Integer(required=True, metadata={"description": "Spells in which it was seen."})
    figures = fields.Dict(
        required=True,
        metadata={
            "description": "now, before, n, n_before, and low and high of the 95% interval of now − before."
        },
    )
    units_lost = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Expected over the next 14 days; null where it cannot be measured."},
    )
    evidence = fields.List(fields.Integer(), required=True, metadata={"description": "Review ids."})
    resolved_on = fields.Date(required=True, allow_none=True)
    effect = fields.Dict(
        required=True,
        metadata={"description": "Share before and after the fix with the interval; empty until measured."},
    )


class AlertQuery(PageQuery):
    """Which issues."""

    state = fields.String(
        load_default=None,
        validate=OneOf(ALERT_STATES),
        metadata={"description": "Without it: open, acknowledged and fixing."},
    )
    product_id = fields.Integer(load_default=None)


class AlertChangeSchema(Schema):
    """What is to be changed; what is left out stays."""

    state = fields.String(load_default=None, validate=OneOf(ALERT_STATES))


@blueprint.route("/alerts")
@role_required("viewer")
@blueprint.arguments(AlertQuery, location="query")
@blueprint.response(200, page_of(AlertSchema))
def listing(query: dict[str, Any]) -> Any:
    """List issues, those that cost most first."""
    state = query.pop("state")
    states = (state,) if state else alert_items.ACTIVE
    page = alert_items.list_items(session, current_workspace.id, states=states, **query)
    return Page([item for item, _ in page.items], page.next)


@blueprint.route("/alerts/<int:alert_id>", methods=["PATCH"])
@role_required("analyst")
@idempotent
@blueprint.arguments(AlertChangeSchema, required=False)
@blueprint.response(200, AlertSchema)
def change(body: dict[str, Any], alert_id: int) -> AlertItem:
    """Change the state of an issue."""
    found = alert_items.get_item(session, current_workspace.id, alert_id)
    return change_state(session, found, body["state"]) if body["state"] else found
