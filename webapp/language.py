"""Which language this request is answered in: Chinese unless somebody chose English."""

from typing import Literal

from babel import negotiate_locale
from flask import Flask, has_request_context, request, session
from flask_babel import Babel
from flask_login import current_user

Language = Literal["zh", "en"]
LOCALES: dict[Language, str] = {"zh": "zh_Hans_CN", "en": "en"}


def init_app(app: Flask) -> None:
    """Start Flask-Babel, remember `?lang=` in the session, give templates `language()`."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", LOCALES["zh"])
    Babel(app, locale_selector=locale)
    app.before_request(_remember)
    app.jinja_env.globals["language"] = language


def language() -> Language:
    """Return the language of this request: `?lang=`, the session's, the user's, for the API the header's."""
    if not has_request_context():
        return "zh"
    if request.path.startswith("/api/"):
        return _accepted()
    for wanted in (session.get("language"), getattr(current_user, "language", None)):
        if wanted in LOCALES:
            return wanted
    return "zh"


def locale() -> str:
    """Return the same as a locale code."""
    return LOCALES[language()]


def _accepted() -> Language:
    asked = [code.replace("-", "_") for code, _quality in request.accept_languages]
    return (
        "en" if negotiate_locale([code.partition("_")[0] for code in asked], ["zh", "en"]) == "en" else "zh"
    )


def _remember() -> None:
    wanted = request.args.get("lang")
    if wanted in LOCALES and not request.path.startswith("/api/"):
        session["language"] = wanted
