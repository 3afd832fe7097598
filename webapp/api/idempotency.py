"""Writes may carry an `Idempotency-Key`: sent again, they get the first answer and do nothing new."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from flask import Response, json, make_response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from storage import idempotency
from webapp.auth.access import current_workspace
from webapp.database import session
from webapp.problems import Problem

P = ParamSpec("P")
HEADER = "Idempotency-Key"
MAX_LENGTH = 200
KEPT_HEADERS = ("Location",)


def idempotent(view: Callable[P, ResponseReturnValue]) -> Callable[P, Response]:
    """Run a write in one transaction with the record of its answer, and commit it.

    A second request with the same key waits for the first one's transaction and gets its answer; if the
    first failed, the second is as good as new. The view itself must not commit.
    """

    @wraps(view)
    def once(*args: P.args, **kwargs: P.kwargs) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            response = make_response(view(*args, **kwargs))
        else:
            response = _answer_before(key) or _record(key, make_response(view(*args, **kwargs)))
        session.commit()
        return response

    _document(once)
    return once


def _answer_before(key: str) -> Response | None:
    if not 1 <= len(key) <= MAX_LENGTH:
        raise Problem(400, gettext("An Idempotency-Key has 1 to %(most)s characters.", most=MAX_LENGTH))
    mine = fingerprint()
    found = idempotency.claim_key(session, current_workspace.id, key, mine)
    if found.fingerprint != mine:
        raise Problem(422, gettext("This Idempotency-Key was used for another request."))
    if found.status is None:
        return None
    response = Response(json.dumps(found.body), found.status, mimetype="application/json")
    response.headers.extend(found.headers or {})
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _record(key: str, response: Response) -> Response:
    kept = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    idempotency.save_answer(
        session, current_workspace.id, key, response.status_code, kept, response.get_json()
    )
    return response


def fingerprint() -> str:
    """Return a SHA-256 of what is asked: method, path and body, files by their bytes."""
    digest = hashlib.sha256(f"{request.method} {request.path}\n".encode())
    if request.mimetype == "multipart/form-data":
        digest.update(json.dumps(sorted(request.form.items(multi=True))).encode())
        for name, file in sorted(request.files.items(multi=True), key=lambda pair: pair[0]):
            digest.update(f"\n{name} {file.filename} ".encode())
            digest.update(hashlib.file_digest(file.stream, "sha256").digest())
            file.stream.seek(0)
    else:
        body = request.get_json(silent=True)
        digest.update(json.dumps(body, sort_keys=True, ensure_ascii=True).encode())
    return digest.hexdigest()


def _document(view: Any) -> None:
    """Add the header to the OpenAPI description of `view`."""
    apidoc = view._apidoc = dict(getattr(view, "_apidoc", {}))
    manual = apidoc["manual_doc"] = dict(apidoc.get("manual_doc", {}))
    manual["parameters"] = [
        *manual.get("parameters", []),
        {
            "in": "header",
            "name": HEADER,
            "required": False,
            "schema": {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH},
            "description": "Sent again with the same body, the call does nothing new and answers the same.",
        },
    ]
