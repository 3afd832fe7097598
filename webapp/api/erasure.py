"""Deleting a product or a shopper, wherever their data went."""

from typing import Any

from marshmallow import Schema, fields
from marshmallow.validate import Length

from webapp import erasure
from webapp.api.blueprint import ApiBlueprint
from webapp.api.idempotency import idempotent
from webapp.auth.access import current_workspace, role_required
from webapp.database import session

blueprint = ApiBlueprint("erasure", __name__, "Deleting a product or a shopper, with a receipt.")


class ShopperSchema(Schema):
    """Whose reviews go."""

    user_id = fields.String(
        required=True, validate=Length(1, 500), metadata={"description": "As it is stored."}
    )


class ReceiptSchema(Schema):
    """What went; `hash` is that of the entry in the audit log."""

    action = fields.String(required=True)
    target = fields.String(required=True, metadata={"description": "A shopper is named by a hash."})
    at = fields.AwareDateTime(required=True)
    hash = fields.String(required=True)
    rows = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    uploads = fields.Integer(required=True, metadata={"description": "Uploaded files deleted."})
    models = fields.Integer(required=True, metadata={"description": "Trained models deleted."})


@blueprint.route("/products/<int:product_id>/erase", methods=["POST"])
@role_required("owner")
@idempotent
@blueprint.response(200, ReceiptSchema)
def product(product_id: int) -> dict[str, Any]:
    """Delete a product and all that came from it."""
    return erasure.erase_product(session, current_workspace.id, product_id)


@blueprint.route("/shoppers/erase", methods=["POST"])
@role_required("owner")
@idempotent
@blueprint.arguments(ShopperSchema)
@blueprint.response(200, ReceiptSchema)
def shopper(wish: dict[str, Any]) -> dict[str, Any]:
    """Delete a shopper's reviews and what was computed from them."""
    return erasure.erase_shopper(session, current_workspace.id, wish["user_id"])
