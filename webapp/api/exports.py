"""Reports as files: asked for here, written by a job, fetched from its `result_url`."""

from typing import Any

from flask.typing import ResponseReturnValue
from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from storage.errors import NoData
from storage.models import FORMATS
from storage.products import get_product
from webapp.api.blueprint import ApiBlueprint
from webapp.api.idempotency import idempotent
from webapp.api.jobs import JobSchema, accepted
from webapp.auth.access import current_workspace, role_required
from webapp.database import session
from webapp.exports import request_export, request_overview
from webapp.pages.findings import gather
from webapp.pages.frozen import freeze
from webapp.pages.period import CHOICES, DEFAULT

blueprint = ApiBlueprint("exports", __name__, "Reports as Excel workbooks and PDF.")


class ExportSchema(Schema):
    """What to write, and of which days."""

    format = fields.String(load_default="xlsx", validate=OneOf(FORMATS))
    days = fields.String(
        load_default=DEFAULT,
        validate=OneOf(CHOICES),
        metadata={"description": "The last so many days with data."},
    )


class OverviewSchema(Schema):
    """What to write."""

    format = fields.String(load_default="xlsx", validate=OneOf(["xlsx"]))


@blueprint.route("/products/<int:product_id>/exports", methods=["POST"])
@role_required("analyst")
@idempotent
@blueprint.arguments(ExportSchema, required=False)
@blueprint.response(202, JobSchema)
def export(wishes: dict[str, Any], product_id: int) -> ResponseReturnValue:
    """Freeze a product's report and write it as a file, in the language of `Accept-Language`."""
    product = get_product(session, current_workspace.id, product_id)
    known = gather(session, current_workspace.id, product, {"days": wishes["days"]})
    if known is None:
        raise NoData(f"product {product.external_id} has neither a sale nor a review yet")
    frozen = freeze(session, known)
    return accepted(request_export(session, product, frozen, wishes["format"], known.period.end))


@blueprint.route("/exports", methods=["POST"])
@role_required("analyst")
@idempotent
@blueprint.arguments(OverviewSchema, required=False)
@blueprint.response(202, JobSchema)
def overview(wishes: dict[str, Any]) -> ResponseReturnValue:
    """Write all products, a line each, as a workbook."""
    return accepted(request_overview(session, current_workspace.id, current_workspace.name))
