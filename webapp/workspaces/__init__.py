"""The settings pages: members, tokens, one's own security, the audit log."""

from flask import Blueprint, Flask

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
    app.register_blueprint(settings)
