"""Accounts: people log in with a password, programs with a token; both belong to workspaces."""

from flask import Flask

from webapp.auth import links, sessions, views
from webapp.auth.access import current_workspace, login_required_page, principal, role_required

__all__ = ["current_workspace", "init_app", "login_required_page", "principal", "role_required"]


def init_app(app: Flask) -> None:
    """Start sessions on `app` and add /login and /logout."""
    sessions.init_app(app)
    views.init_app(app)
    app.register_blueprint(links.blueprint)
