"""The web application: pages for people, an API for programs."""

from datetime import timedelta
from typing import Any

from flask import Flask
from flask.cli import NoAppException
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from settings import Settings, SettingsError
from webapp import (
    api,
    auth,
    cli,
    database,
    errors,
    health,
    language,
    limits,
    metrics,
    pages,
    problems,
    routing,
    security,
    shared,
    tracking,
    workspaces,
)
from webapp.enqueue import CelerySender

FORM_OVERHEAD_BYTES = 1024 * 1024


def create_app(settings: Settings | None = None, **overrides: Any) -> Flask:
    """Compose the application.

    Parameters
    ----------
    settings : Settings, optional
        Read from the environment when not given.
    **overrides
        Entries of `app.config`; `SESSION_FACTORY` and `SENDER` replace database sessions and broker.

    Returns
    -------
    Flask
    """
    settings = settings or _from_environment()
    app = Flask(__name__)
    app.config.from_mapping(_configuration(settings))
    app.config.update(overrides)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["settings"] = settings
    _register(app, settings)
    if settings.trusted_proxies:
        near = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=near, x_proto=near, x_host=near)  # type: ignore[method-assign]
    return app


def _from_environment() -> Settings:
    """Return the settings; the flask command then says in one line what is missing."""
    try:
        return Settings.from_env()
    except SettingsError as error:
        raise NoAppException(
            f"{error}. While `make run` is running, commands find it by themselves."
        ) from error


def _configuration(settings: Settings) -> dict[str, Any]:
    return {
        "SECRET_KEY": settings.secret_key,
        "MAX_CONTENT_LENGTH": settings.max_upload_bytes + FORM_OVERHEAD_BYTES,
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(days=30),
        "WTF_CSRF_TIME_LIMIT": None,
        "ANALYZE_WAIT_SECONDS": 10.0,
    }


def _register(app: Flask, settings: Settings) -> None:
    app.extensions["sender"] = app.config.get("SENDER") or CelerySender(settings.broker_url)
    tracking.init_app(app)
    csrf = CSRFProtect(app)
    for part in (routing, metrics, security, problems, errors, auth, language, health, limits):
        part.init_app(app)
    database.init_app(app, settings)
    api.init_app(app, csrf)
    pages.register(app)
    shared.init_app(app)
    workspaces.register(app)
    cli.init_app(app)
