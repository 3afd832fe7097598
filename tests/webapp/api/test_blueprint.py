"""A part of the API with one call of each shape, apart from the real ones."""

from typing import Any

import pytest
from flask import Flask, g, request
from flask.testing import FlaskClient
from marshmallow import Schema, fields

from webapp.api.blueprint import MAX_JSON_BYTES, PREFIX, ApiBlueprint

Headers = dict[str, str]


class WishSchema(Schema):
    colour = fields.String(load_default="")


@pytest.fixture
def part() -> ApiBlueprint:
    made = ApiBlueprint("trial", __name__, "Only for tests.")

    @made.route("/trial/plain")
    @made.response(200)
    def plain() -> dict[str, Any]:
        return {"role": g.principal.role}

    @made.route("/trial/asked")
    @made.arguments(WishSchema, location="query")
    @made.response(200)
    def asked(wish: dict[str, Any]) -> dict[str, Any]:
        return wish

    @made.route("/trial/told", methods=["POST"])
    @made.arguments(WishSchema)
    @made.response(200)
    def told(wish: dict[str, Any]) -> dict[str, Any]:
        return wish

    @made.route("/trial/size", methods=["POST"])
    @made.response(200)
    def size() -> dict[str, Any]:
        found = request.files.get("file")
        return {"bytes": len(found.read() if found else request.get_data())}

    return made


@pytest.fixture
def caller(app: Flask, part: ApiBlueprint) -> FlaskClient:
    app.extensions["csrf"].exempt(part)
    app.register_blueprint(part)
    return app.test_client()


def faults(answer: Any) -> list[str]:
    assert answer.status_code == 400, answer.text
    assert answer.mimetype == "application/problem+json"
    return sorted(answer.json["errors"])


def test_every_call_lies_below_the_prefix(caller: FlaskClient, viewer: Headers) -> None:
    assert caller.get(f"{PREFIX}/trial/plain", headers=viewer).json == {"role": "viewer"}
    assert caller.get("/trial/plain", headers=viewer).status_code == 404


@pytest.mark.parametrize(("method", "path"), [("GET", "plain"), ("GET", "asked"), ("POST", "told")])
def test_a_stranger_gets_no_further_without_any_word_in_the_view(
    caller: FlaskClient, method: str, path: str
) -> None:
    answer = caller.open(f"{PREFIX}/trial/{path}", method=method)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_stranger_does_not_learn_which_parameters_there_are(caller: FlaskClient) -> None:
    answer = caller.get(f"{PREFIX}/trial/plain?verbose=1")
    assert answer.status_code == 401
    assert "errors" not in answer.json


def test_each_unasked_parameter_is_named(caller: FlaskClient, viewer: Headers) -> None:
    answer = caller.get(f"{PREFIX}/trial/plain?verbose=1&deep=", headers=viewer)
    assert faults(answer) == ["deep", "verbose"]
    assert answer.json["errors"]["verbose"] == ["Unknown parameter."]


def test_a_bare_question_mark_asks_nothing(caller: FlaskClient, viewer: Headers) -> None:
    assert caller.get(f"{PREFIX}/trial/plain?", headers=viewer).status_code == 200


def test_a_call_with_parameters_takes_its_own_only(caller: FlaskClient, viewer: Headers) -> None:
    assert caller.get(f"{PREFIX}/trial/asked?colour=red", headers=viewer).json == {"colour": "red"}
    assert faults(caller.get(f"{PREFIX}/trial/asked?colour=red&size=1", headers=viewer)) == ["size"]


def test_a_parameter_of_the_body_is_not_one_of_the_address(caller: FlaskClient, viewer: Headers) -> None:
    told = f"{PREFIX}/trial/told"
    assert caller.post(told, json={"colour": "red"}, headers=viewer).json == {"colour": "red"}
    assert faults(caller.post(f"{told}?colour=red", json={}, headers=viewer)) == ["colour"]


def test_an_unknown_member_of_the_body_is_named(caller: FlaskClient, viewer: Headers) -> None:
    answer = caller.post(f"{PREFIX}/trial/told", json={"colour": "red", "size": 1}, headers=viewer)
    assert faults(answer) == ["size"]


@pytest.mark.parametrize("body", [b"{", b"[]", b'"red"'])
def test_what_is_no_object_is_a_fault_not_a_crash(caller: FlaskClient, viewer: Headers, body: bytes) -> None:
    answer = caller.post(f"{PREFIX}/trial/told", data=body, content_type="application/json", headers=viewer)
    assert answer.status_code == 400


@pytest.mark.parametrize(("over", "status"), [(0, 200), (1, 413)])
@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/octet-stream"])
def test_a_body_may_be_so_large_and_no_larger(
    caller: FlaskClient, viewer: Headers, kind: str, over: int, status: int
) -> None:
    body = b" " * (MAX_JSON_BYTES + over)
    answer = caller.post(f"{PREFIX}/trial/size", data=body, content_type=kind, headers=viewer)
    assert answer.status_code == status


def test_a_file_may_be_larger_up_to_the_limit_of_uploads(
    app: Flask, caller: FlaskClient, viewer: Headers
) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="x.csv"\r\n\r\n'
    body = head + b" " * (MAX_JSON_BYTES + 1) + b"\r\n--x--\r\n"

    def send() -> Any:
        kind = "multipart/form-data; boundary=x"
        return caller.post(f"{PREFIX}/trial/size", data=body, content_type=kind, headers=viewer)

    assert send().json == {"bytes": MAX_JSON_BYTES + 1}
    app.config["MAX_CONTENT_LENGTH"] = MAX_JSON_BYTES
    assert send().status_code == 413
