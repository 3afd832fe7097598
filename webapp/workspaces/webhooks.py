"""Addresses that are told of ended jobs; for owners."""

import secrets

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storage import webhooks
from webapp.auth.access import current_workspace, role_required
from webapp.auth.audit import note
from webapp.database import session
from webapp.problems import Problem
from webapp.workspaces.hosts import address_fault

LONGEST = 500


def add_routes(settings: Blueprint) -> None:
    """Put the pages at /settings/webhooks."""
    settings.add_url_rule("/webhooks", "webhooks", show)
    settings.add_url_rule("/webhooks", "add_webhook", add, methods=["POST"])
    settings.add_url_rule("/webhooks/<int:webhook_id>/remove", "remove_webhook", remove, methods=["POST"])


@role_required("owner")
def show() -> ResponseReturnValue:
    """Show the webhooks of the workspace."""
    return _page()


@role_required("owner")
def add() -> ResponseReturnValue:
    """Add an address; its secret is shown this once. Each message checks again where it leads."""
    url = request.form.get("url", "").strip()
    if len(url) > LONGEST:
        raise Problem(400, _("Some parameters are not valid."))
    hosts = current_app.extensions["settings"].webhook_hosts
    if fault := address_fault(url, hosts):
        flash(fault, "error")
        return redirect(url_for("settings.webhooks"))
    secret = secrets.token_urlsafe(32)
    webhooks.add_webhook(session, current_workspace.id, url, secret)
    note(session, current_workspace.id, "webhook.add", url)
    session.commit()
    return _page(secret)


@role_required("owner")
def remove(webhook_id: int) -> ResponseReturnValue:
    """Tell an address no more."""
    gone = webhooks.remove_webhook(session, current_workspace.id, webhook_id)
    note(session, current_workspace.id, "webhook.remove", gone.url)
    session.commit()
    return redirect(url_for("settings.webhooks"))


def _page(secret: str = "") -> str:
    listed = webhooks.list_webhooks(session, current_workspace.id)
    return render_template(
        "workspaces/webhooks.html", section="settings.security", webhooks=listed, secret=secret
    )
