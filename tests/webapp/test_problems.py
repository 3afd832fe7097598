import pytest
from flask import Flask, abort
from flask.testing import FlaskClient

from webapp.problems import Problem

MEMBERS = {"type", "title", "status", "detail", "instance"}


@pytest.fixture
def faulty(app: Flask) -> FlaskClient:
    """Return a client of an app with views that fail; it answers as in production."""
    app.testing = False

    @app.get("/api/boom")
    def api_boom() -> str:
        raise RuntimeError("secret detail")

    @app.get("/api/teapot")
    def api_teapot() -> str:
        raise Problem(418, "short and stout", errors={"pot": ["is not coffee"]}, headers={"Retry-After": "5"})

    @app.get("/boom")
    def page_boom() -> str:
        raise RuntimeError("secret detail")

    @app.get("/api/plain")
    def api_plain() -> str:
        abort(403, "not you")

    return app.test_client()


def test_an_unknown_api_address_is_a_problem(client: FlaskClient) -> None:
    answer = client.get("/api/v1/nothing", headers={"Accept-Language": "en"})
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert answer.json == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is nothing here.",
        "instance": "/api/v1/nothing",
    }


def test_an_unknown_page_is_a_page(client: FlaskClient) -> None:
    answer = client.get("/nothing")
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"


def test_the_title_of_such_a_page_is_in_the_readers_language(client: FlaskClient) -> None:
    shown = client.get("/nothing", headers={"Accept-Language": "zh-CN"}).text
    assert "<title>页面不存在" in shown


def test_a_wrong_method_says_which_are_right(client: FlaskClient) -> None:
    answer = client.delete("/healthz")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.mimetype == "application/problem+json"


def test_a_fault_of_ours_tells_nothing_of_its_cause(faulty: FlaskClient) -> None:
    answer = faulty.get("/api/boom")
    assert answer.status_code == 500
    assert set(answer.json) == MEMBERS
    assert "secret" not in answer.text


def test_a_fault_of_ours_on_a_page_is_a_page(faulty: FlaskClient) -> None:
    answer = faulty.get("/boom")
    assert answer.status_code == 500
    assert answer.mimetype == "text/html"
    assert "secret" not in answer.text


def test_a_problem_carries_errors_and_headers(faulty: FlaskClient) -> None:
    answer = faulty.get("/api/teapot")
    assert answer.status_code == 418
    assert answer.json["errors"] == {"pot": ["is not coffee"]}
    assert answer.json["detail"] == "short and stout"
    assert answer.headers["Retry-After"] == "5"


def test_a_reason_given_to_abort_is_kept(faulty: FlaskClient) -> None:
    assert faulty.get("/api/plain").json["detail"] == "not you"


def test_chinese_comes_first_and_english_on_request(client: FlaskClient) -> None:
    chinese = client.get("/api/v1/nothing")
    english = client.get("/api/v1/nothing", headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert chinese.headers["Content-Language"] == "zh"
    assert english.headers["Content-Language"] == "en"
