import logging

import pytest
from flask.testing import FlaskClient


def test_every_answer_has_an_id_of_its_own(client: FlaskClient) -> None:
    first, second = (client.get("/healthz").headers["X-Request-ID"] for _ in range(2))
    assert len(first) == 32
    assert first != second


def test_an_id_that_the_caller_gave_is_kept(client: FlaskClient) -> None:
    answer = client.get("/healthz", headers={"X-Request-ID": "proxy-12345678"})
    assert answer.headers["X-Request-ID"] == "proxy-12345678"


@pytest.mark.parametrize("given", ["short", "with space 123", "x" * 65, 'quoted"12345678'])
def test_an_id_that_could_forge_a_log_is_replaced(client: FlaskClient, given: str) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"] != given


def test_a_request_is_logged_by_route_and_without_its_query(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "webapp.tracking"):
        client.get("/api/v1/products/7?q=secret")
    (line,) = caplog.records
    assert line.getMessage() == "GET /api/v1/products/7"
    assert (line.route, line.status) == ("/api/v1/products/<int:product_id>", 401)  # type: ignore[attr-defined]
    assert line.ms >= 0  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["join", "reset", "share"])
def test_a_word_that_opens_something_is_not_logged(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    with caplog.at_level(logging.DEBUG):
        client.get(f"/{kind}/secret-word")
    assert f"GET /{kind}/<word>" in caplog.text
    assert "secret-word" not in caplog.text


def test_probes_are_not_logged(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "webapp.tracking"):
        client.get("/healthz")
    assert caplog.records == []
