"""The settings pages: members, tokens, one's own security, the audit log."""

from flask import Blueprint, Flask, redirect, url_for
from flask.typing import ResponseReturnValue

from webapp.auth.access import login_required_page
from webapp.workspaces import (
    aspects,
    destinations,
    log,
    looks,
    members,
    privacy,
    security,
    tokens,
    webhooks,
    words,
)

__all__ = ["register"]


def register(app: Flask) -> None:
    """Add the pages under /settings to `app`."""
    settings = Blueprint("settings", __name__, url_prefix="/settings")
    for module in (security, looks, members, tokens, destinations, webhooks, privacy, log, words, aspects):
        module.add_routes(settings)
    settings.add_url_rule("", "index", index, strict_slashes=False)
    app.register_blueprint(settings)


@login_required_page
def index() -> ResponseReturnValue:
    """Lead to one's own account: the first of the pages, and the one that every role may see."""
    return redirect(url_for("settings.security"))
