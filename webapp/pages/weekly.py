"""The weekly reports that somebody asks for, of a product or of all."""

from datetime import datetime, timedelta

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storage import destinations, subscriptions
from storage.models import FORMATS, Subscription
from storage.products import get_product
from webapp.auth import current_workspace, principal, role_required
from webapp.auth.audit import note
from webapp.database import session
from webapp.language import language
from webapp.problems import Problem


def add_routes(pages: Blueprint) -> None:
    """Put the forms' targets at /subscriptions."""
    pages.add_url_rule("/subscriptions", "subscribe_all", subscribe_all, methods=["POST"])
    pages.add_url_rule("/products/<int:product_id>/subscriptions", "subscribe", subscribe, methods=["POST"])
    pages.add_url_rule(
        "/subscriptions/<int:subscription_id>/stop", "unsubscribe", unsubscribe, methods=["POST"]
    )


@role_required("analyst")
def subscribe(product_id: int) -> ResponseReturnValue:
    """Get a product's report each Monday."""
    get_product(session, current_workspace.id, product_id)
    return _subscribe(product_id, request.form.get("format", "xlsx"))


@role_required("analyst")
def subscribe_all() -> ResponseReturnValue:
    """Get the overview of all products each Monday."""
    return _subscribe(None, "xlsx")


@role_required("analyst")
def unsubscribe(subscription_id: int) -> ResponseReturnValue:
    """End a weekly report of one's own."""
    gone = subscriptions.unsubscribe(session, current_workspace.id, _reader(), subscription_id)
    note(session, current_workspace.id, "weekly.stop", gone.id, before={"product": gone.product_id})
    session.commit()
    flash(_("The weekly report was stopped."))
    return redirect(_back(gone.product_id))


def own_weekly() -> dict[int | None, Subscription]:
    """Return what the reader gets each week by product; the overview of all under None."""
    found = subscriptions.list_subscriptions(session, current_workspace.id, _reader())
    return {row.product_id: row for row in found}


def _subscribe(product_id: int | None, format: str) -> ResponseReturnValue:
    if format not in FORMATS:
        raise Problem(400, _("A report is exported as %(formats)s.", formats=", ".join(FORMATS)))
    today = datetime.now(current_app.extensions["settings"].zone).date()
    told = _destination()
    made = subscriptions.subscribe(
        session,
        current_workspace.id,
        _reader(),
        product_id,
        format=format,
        language=language(),
        week=today - timedelta(days=today.weekday()),
        destination_id=told,
    )
    said = {"product": product_id, "destination": made.destination_id}
    note(session, current_workspace.id, "weekly.start", made.id, after=said)
    session.commit()
    flash(_("You will find it here each Monday.") if told is None else _told(told))
    return redirect(_back(product_id))


def _told(destination_id: int) -> str:
    name = destinations.get_destination(session, current_workspace.id, destination_id).name
    return _("You will find it here each Monday, and %(name)s is told of it.", name=name)


def _destination() -> int | None:
    """Return the destination that was chosen; whether it is the workspace's is the storage's to say."""
    given = request.form.get("destination", "")
    try:
        return int(given) if given else None
    except ValueError as error:
        raise Problem(400, _("Some parameters are not valid.")) from error


def _reader() -> int:
    who = principal()
    if who is None or who.user_id is None:
        raise Problem(403, _("You may not do that here"))
    return who.user_id


def _back(product_id: int | None) -> str:
    if product_id is None:
        return url_for("pages.all_exports")
    return url_for("pages.exports", product_id=product_id)
