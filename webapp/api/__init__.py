"""The HTTP API under /api/v1, described at /api/v1/openapi.json."""

from typing import Any

from flask import Flask
from flask_smorest import Api
from flask_wtf import CSRFProtect
from marshmallow import Schema, fields
from werkzeug.exceptions import HTTPException

from webapp import problems
from webapp.api import (
    alerts,
    analyze,
    audit,
    dictionary,
    digests,
    docs,
    erasure,
    exports,
    forecasts,
    imports,
    jobs,
    kept,
    products,
)

BLUEPRINTS = (
    alerts.blueprint,
    analyze.blueprint,
    audit.blueprint,
    imports.blueprint,
    jobs.blueprint,
    products.blueprint,
    dictionary.blueprint,
    digests.blueprint,
    erasure.blueprint,
    exports.blueprint,
    forecasts.blueprint,
)

SPEC = {
    "info": {
        "description": (
            "What shoppers write, and what they will buy. Send `Authorization: Bearer fp_…`. "
            "Lists are `{items, next}`: pass `next` as `cursor`. Errors are `application/problem+json`. "
            "Writes take an `Idempotency-Key`."
        )
    },
    "components": {
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer", "description": "A token of `flask token create`."},
            "cookie": {"type": "apiKey", "in": "cookie", "name": "session"},
        }
    },
    "security": [{"bearer": []}, {"cookie": []}],
}


class ProblemSchema(Schema):
    """An error (RFC 9457)."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    instance = fields.String(required=True)
    errors = fields.Dict(metadata={"description": "Field to its faults."})


class ProblemApi(Api):
    """Describes the calls, and leaves errors to `webapp.problems`."""

    ERROR_SCHEMA = ProblemSchema

    def handle_http_exception(self, error: HTTPException) -> Any:
        """Answer as all of the app does."""
        return problems.answer(error)


def init_app(app: Flask, csrf: CSRFProtect) -> None:
    """Add the API to `app`; it checks tokens and, for cookies, the CSRF header itself."""
    app.config.update(
        API_TITLE="Fengping",
        API_VERSION="v1",
        OPENAPI_VERSION="3.0.3",
        OPENAPI_URL_PREFIX="/api/v1",
    )
    api = ProblemApi(app, spec_kwargs=SPEC)
    for blueprint in BLUEPRINTS:
        csrf.exempt(blueprint)
        api.register_blueprint(blueprint)
    for response in api.spec.components.responses.values():
        response["content"] = {problems.MEDIA_TYPE: response["content"]["application/json"]}
    docs.init_app(app)
    kept.init_app(app, api.spec.to_dict)
