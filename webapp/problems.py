"""Every error has one shape: application/problem+json (RFC 9457) for programs, a page for people."""

import logging
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, json, render_template, request
from flask_babel import gettext
from werkzeug.exceptions import HTTPException, InternalServerError

from webapp.language import language

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
PROGRAM_PATHS = ("/api/", "/healthz", "/readyz", "/metrics")


class Problem(HTTPException):
    """An error with a status, a sentence, and what was wrong with each field.

    Parameters
    ----------
    status : int
        HTTP status code.
    detail : str
        What was wrong and what would be right, for the reader.
    errors : mapping, optional
        Field name to its faults.
    headers : mapping, optional
        More response headers, such as `Retry-After`.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = status
        self.errors = errors
        self.headers = headers or {}


def init_app(app: Flask) -> None:
    """Answer every error of `app` in this one shape."""
    app.register_error_handler(HTTPException, answer)


def answer(error: HTTPException) -> Response:
    """Turn any HTTP error into the response that the caller can read."""
    if error.response is not None and (error.code or 0) < 400:
        return error.get_response()  # type: ignore[return-value]
    body = describe(error)
    if request.path.startswith(PROGRAM_PATHS):
        response = Response(json.dumps(body), mimetype=MEDIA_TYPE)
    else:
        response = Response(_page(body))
    response.status_code = body["status"]
    for name, value in _headers(error).items():
        response.headers[name] = value
    return response


def describe(error: HTTPException) -> dict[str, Any]:
    """Return the members of the problem: type, title, status, detail, instance and, if any, errors."""
    status = error.code or 500
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": _detail(error),
        "instance": request.path,
    }
    errors = getattr(error, "errors", None) or _validation_errors(error)
    return body | ({"errors": errors} if errors else {})


def _page(body: dict[str, Any]) -> str:
    try:
        return render_template("errors/problem.html", problem=body)
    except Exception:  # what the page itself needs may be what is broken: the database, most likely
        log.exception("the error page cannot be shown as a page of the application")
        # Past Flask's own rendering, which looks up who is logged in.
        return current_app.jinja_env.get_template("errors/plain.html").render(problem=body)


def _detail(error: HTTPException) -> str:
    if isinstance(error, InternalServerError):
        return gettext("Something went wrong on our side. It has been logged.")
    if _validation_errors(error):
        return gettext("Some parameters are not valid.")
    known = {
        401: gettext("Log in, or send a valid token as “Authorization: Bearer …”."),
        404: gettext("There is nothing here."),
        405: gettext("This address does not know that method."),
        413: gettext("That is larger than this server accepts."),
    }
    standard = type(error).description
    if not isinstance(error, Problem) and error.description == standard and error.code in known:
        return known[error.code]
    return error.description or HTTPStatus(error.code or 500).phrase


def _validation_errors(error: HTTPException) -> dict[str, Any] | None:
    """Return webargs' messages, without the location that only programmers know."""
    messages = getattr(error, "data", {}).get("messages")
    if not isinstance(messages, dict):
        return None
    return {field: faults for found in messages.values() for field, faults in _by_field(found).items()}


def _by_field(found: object) -> dict[str, Any]:
    return found if isinstance(found, dict) else {"body": found}


def _headers(error: HTTPException) -> dict[str, str]:
    headers = {"Content-Language": language(), **getattr(error, "headers", {})}
    if error.code == 405 and getattr(error, "valid_methods", None):
        headers["Allow"] = ", ".join(sorted(error.valid_methods))  # type: ignore[attr-defined]
    if error.code == 401:
        headers.setdefault("WWW-Authenticate", 'Bearer realm="fengping"')
    return headers
