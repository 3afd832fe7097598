import io
import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from storage.models import IdempotencyKey, Job, Workspace

Headers = dict[str, str]
CSV = b"product_id,created_at,text\nA1,2026-06-01,fine\n"


@pytest.fixture
def keyed(analyst: Headers) -> Headers:
    return analyst | {"Idempotency-Key": "once-only"}


def analyze(client: FlaskClient, headers: Headers, *texts: str) -> TestResponse:
    return client.post("/api/v1/analyze", json={"texts": list(texts)}, headers=headers)


def upload(client: FlaskClient, headers: Headers, data: bytes = CSV) -> TestResponse:
    fields = {"kind": "reviews", "file": (io.BytesIO(data), "r.csv")}
    return client.post("/api/v1/imports", data=fields, headers=headers, content_type="multipart/form-data")


def jobs(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Job)) or 0


def test_the_same_twice_is_done_once(client: FlaskClient, keyed: Headers, session: Session) -> None:
    first, second = analyze(client, keyed, "好"), analyze(client, keyed, "好")
    assert first.status_code == second.status_code == 202
    assert first.json == second.json
    assert first.location == second.location
    assert second.headers["Idempotency-Replayed"] == "true"
    assert jobs(session) == 1


def test_the_order_of_members_does_not_matter(client: FlaskClient, keyed: Headers, session: Session) -> None:
    for body in ({"texts": ["好"], "only": ["pii"]}, {"only": ["pii"], "texts": ["好"]}):
        data = json.dumps(body)
        answer = client.post("/api/v1/analyze", data=data, content_type="application/json", headers=keyed)
        assert answer.status_code == 202
    assert jobs(session) == 1


def test_another_body_under_the_same_key_is_refused(
    client: FlaskClient, keyed: Headers, session: Session
) -> None:
    analyze(client, keyed, "好")
    answer = analyze(client, keyed, "差")
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert jobs(session) == 1


def test_another_call_under_the_same_key_is_refused(client: FlaskClient, keyed: Headers) -> None:
    analyze(client, keyed, "好")
    assert client.post("/api/v1/workspace/refresh", headers=keyed).status_code == 422


def test_files_are_compared_by_their_bytes(client: FlaskClient, keyed: Headers, session: Session) -> None:
    first, second = upload(client, keyed), upload(client, keyed)
    assert first.json == second.json
    assert jobs(session) == 1
    assert upload(client, keyed, CSV.replace(b"fine", b"bad")).status_code == 422


def test_a_refusal_uses_no_key_up(client: FlaskClient, keyed: Headers, session: Session) -> None:
    assert upload(client, keyed, b"").status_code == 422
    assert analyze(client, keyed).status_code == 400
    assert session.scalars(select(IdempotencyKey)).all() == []
    assert analyze(client, keyed, "好").status_code == 202


def test_keys_of_two_workspaces_do_not_meet(
    client: FlaskClient, keyed: Headers, bearer: Callable[..., Headers], stranger_workspace: Workspace
) -> None:
    theirs = bearer("analyst", of=stranger_workspace) | {"Idempotency-Key": "once-only"}
    first, second = analyze(client, keyed, "好"), analyze(client, theirs, "差")
    assert second.status_code == 202
    assert first.json["id"] != second.json["id"]


def test_without_a_key_every_call_counts(client: FlaskClient, analyst: Headers, session: Session) -> None:
    analyze(client, analyst, "好")
    analyze(client, analyst, "好")
    assert jobs(session) == 2


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_a_key_has_a_sensible_length(client: FlaskClient, analyst: Headers, key: str) -> None:
    assert analyze(client, analyst | {"Idempotency-Key": key}, "好").status_code == 400
