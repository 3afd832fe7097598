"""The settings pages: members, tokens, one's own security, the audit log."""

from flask import Blueprint, Flask

from webapp.workspaces import log, looks, members, privacy, security, tokens, webhooks

__all__ = ["register"]


def register(app: Flask) -> None:
    """Add the pages under /settings to `app`."""
    settings = Blueprint("settings", __name__, url_prefix="/settings")
    for module in (security, looks, members, tokens, webhooks, privacy, log):
        module.add_routes(settings)
    app.register_blueprint(settings)
