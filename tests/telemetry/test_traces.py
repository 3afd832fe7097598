import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from telemetry import traces


class Collector(HTTPServer):
    """Keeps what is sent to it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list[tuple[str, bytes]] = []
        self.came = threading.Event()


class Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, body))
        self.send_response(200)
        self.end_headers()
        self.server.came.set()

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = Collector()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_without_a_collector_nothing_is_done() -> None:
    with traces.span("", "score", job_id="1") as nothing:
        assert nothing is None


def test_a_span_reaches_the_collector_with_its_ids(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
    with traces.span(f"http://127.0.0.1:{collector.server_port}/", "score", job_id="job-17", rows=256):
        pass
    assert collector.came.wait(10)
    path, body = collector.got[0]
    assert path == "/v1/traces"
    assert b"job-17" in body
    assert b"fengping.rows" in body


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(RuntimeError, match=r"requirements-tracing\.txt"):
        traces.span("http://127.0.0.1:1", "score")
