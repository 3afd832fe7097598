"""Every request has an id, a log line and, where traces are asked for, a span."""

import logging
import re
import time
import uuid

from flask import Flask, Response, current_app, g, request

from telemetry import logs, traces

HEADER = "X-Request-ID"
GIVEN = re.compile(r"[A-Za-z0-9_-]{8,64}")
SILENT = ("/healthz", "/readyz", "/metrics")

log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Follow every request of `app`."""
    app.before_request(_start)
    app.after_request(_finish)
    app.teardown_request(_end)


def _start() -> None:
    given = request.headers.get(HEADER, "")
    g.request_id = given if GIVEN.fullmatch(given) else uuid.uuid4().hex
    g.log_ids = logs.bind(request_id=g.request_id)
    g.started = time.perf_counter()
    endpoint = current_app.extensions["settings"].otlp_endpoint
    g.span = traces.span(endpoint, _route(), request_id=g.request_id)
    g.span.__enter__()


def _finish(response: Response) -> Response:
    response.headers[HEADER] = g.request_id
    if request.path not in SILENT:
        principal = g.get("principal")
        fields = {
            "route": _route(),
            "status": response.status_code,
            "ms": round(1000 * (time.perf_counter() - g.started), 1),
            "workspace_id": principal.workspace.id if principal else None,
        }
        log.info("%s %s", request.method, _path(), extra=fields)
    return response


def _end(_error: BaseException | None) -> None:
    if "span" in g:
        g.pop("span").__exit__(None, None, None)
        logs.unbind(g.pop("log_ids"))


def _path() -> str:
    """Return the path, but not a word that opens an invitation, a password or a shared report."""
    return _route() if "word" in (request.view_args or {}) else request.path


def _route() -> str:
    return request.url_rule.rule if request.url_rule else "(none)"
