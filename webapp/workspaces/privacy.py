"""How long what is kept, and deleting a product or a shopper; for owners."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storage import retention
from storage.products import product_by_external_id
from webapp import erasure
from webapp.auth.access import current_workspace, role_required
from webapp.auth.audit import note
from webapp.database import session
from webapp.workspaces.acts import act


def add_routes(settings: Blueprint) -> None:
    """Put the pages at /settings/privacy."""
    settings.add_url_rule("/privacy", "privacy", privacy)
    settings.add_url_rule("/privacy/retention", "retention", keep, methods=["POST"])
    settings.add_url_rule("/privacy/erase", "erase", erase, methods=["POST"])


@role_required("owner")
def privacy() -> ResponseReturnValue:
    """Show the retention and the form to delete."""
    return _page()


@role_required("owner")
def keep() -> ResponseReturnValue:
    """Say how long what is kept; an empty field is for ever."""
    workspace = current_workspace
    given = {kind: request.form.get(kind, "").strip() for kind in retention.KINDS}
    before = dict(workspace.retention)
    try:
        wanted = {kind: int(days) for kind, days in given.items() if days}
        retention.set_retention(session, workspace, wanted)
    except ValueError:
        flash(_("Days are a whole number of at least 1, or nothing."), "error")
        return redirect(url_for("settings.privacy"))
    note(session, workspace.id, "settings.retention", before=before, after=wanted)
    session.commit()
    flash(_("Saved."))
    return redirect(url_for("settings.privacy"))


@role_required("owner")
def erase() -> ResponseReturnValue:
    """Delete a product or a shopper and show the receipt."""
    kind, name = request.form.get("kind"), request.form.get("name", "").strip()
    if not name or request.form.get("sure") != "yes":
        flash(_("Say whom or what, and that you are sure."), "error")
        return redirect(url_for("settings.privacy"))
    if kind == "shopper":
        receipt = erasure.erase_shopper(session, current_workspace.id, name)
        return _page(receipt=receipt, nobody=not any(receipt["rows"].values()))
    product = product_by_external_id(session, current_workspace.id, name)
    if product is None:
        flash(_("There is no product with this id."), "error")
        return redirect(url_for("settings.privacy"))
    return _page(receipt=erasure.erase_product(session, current_workspace.id, product.id))


def _page(receipt: dict[str, Any] | None = None, *, nobody: bool = False) -> str:
    return render_template(
        "workspaces/privacy.html",
        section="settings.security",
        kinds=retention.KINDS,
        days=current_workspace.retention,
        receipt=receipt,
        nobody=nobody,
        act_name=act,
    )
