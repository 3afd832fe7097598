"""What every call of the API has in common: who may call, what it may send, and its size."""

from typing import Any, ClassVar

from flask import current_app, request
from flask_babel import gettext
from flask_smorest import Blueprint
from marshmallow import RAISE
from webargs.flaskparser import FlaskParser

from webapp.auth.access import authenticate_program, principal
from webapp.problems import Problem

PREFIX = "/api/v1"
MAX_JSON_BYTES = 8 * 1024 * 1024


class StrictParser(FlaskParser):
    """Refuses what it does not know, with 400."""

    DEFAULT_VALIDATION_STATUS = 400
    DEFAULT_UNKNOWN_BY_LOCATION: ClassVar[dict[str, str | None]] = {
        "json": RAISE,
        "form": RAISE,
        "query": RAISE,
        "files": RAISE,
        "headers": None,
        "cookies": None,
    }


class ApiBlueprint(Blueprint):
    """A part of the API: strangers get 401, unknown parameters 400, too large a body 413."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, import_name: str, description: str) -> None:
        super().__init__(name, import_name, url_prefix=PREFIX, description=description)
        self.before_request(_limit_body)
        self.before_request(authenticate_program)
        self.before_request(_check_scope)
        self.before_request(_refuse_unasked_query)


def _limit_body() -> None:
    if request.mimetype != "multipart/form-data":
        request.max_content_length = MAX_JSON_BYTES


def _check_scope() -> None:
    """Refuse a token that was made for other parts of the API."""
    who = principal()
    if who is not None and who.scopes and request.blueprint not in who.scopes:
        scopes = ", ".join(who.scopes)
        raise Problem(403, gettext("This token is for %(scopes)s only.", scopes=scopes))


def _refuse_unasked_query() -> None:
    """Refuse a query string where the call has no such parameters at all."""
    if request.args and "query" not in _locations():
        raise Problem(
            400,
            gettext("Some parameters are not valid."),
            errors={name: [gettext("Unknown parameter.")] for name in request.args},
        )


def _locations() -> set[str]:
    view: Any = current_app.view_functions[request.endpoint or ""]
    arguments = getattr(view, "_apidoc", {}).get("arguments", {})
    return {parameter["in"] for parameter in arguments.get("parameters", [])}
