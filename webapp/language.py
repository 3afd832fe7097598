"""Which language this request is answered in: Chinese unless somebody chose English."""

from collections.abc import Iterator
from typing import Any, Literal

from flask import Flask, g, has_request_context, request, session
from flask_babel import Babel, get_translations

Language = Literal["zh", "en"]
LOCALES: dict[Language, str] = {"zh": "zh_Hans_CN", "en": "en"}


def init_app(app: Flask) -> None:
    """Start Flask-Babel, remember `?lang=` in the session, give templates `language()`."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", LOCALES["zh"])
    Babel(app, locale_selector=locale)
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: _catalogue().ugettext(text),
        lambda one, many, n: _catalogue().ungettext(one, many, n),
        newstyle=True,
    )
    app.before_request(_remember)
    app.jinja_env.globals["language"] = language


def language() -> Language:
    """Return the language of this request, without asking the database: error pages need it too."""
    if not has_request_context():
        return "zh"
    return next((wish for wish in _wishes() if wish in LOCALES), "zh")


def locale() -> str:
    """Return the same as a locale code."""
    return LOCALES[language()]


def _catalogue() -> Any:
    """Return what templates are translated with, looked up once a request: a report asks 300 times."""
    if "catalogue" not in g:
        g.catalogue = get_translations()
    return g.catalogue


def _wishes() -> Iterator[Any]:
    """Yield what was asked for: by programs in a header, by people in a choice that their session keeps."""
    if request.path.startswith("/api/"):
        yield from (code.partition("-")[0].lower() for code, _quality in request.accept_languages)
    else:
        yield session.get("language")


def _remember() -> None:
    wanted = request.args.get("lang")
    if wanted in LOCALES and not request.path.startswith("/api/"):
        session["language"] = wanted
