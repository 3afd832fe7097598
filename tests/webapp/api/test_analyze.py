import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Job
from tests.webapp.outbox import Outbox
from webapp.enqueue import ANALYZE_TEXTS

Headers = dict[str, str]
URL = "/api/v1/analyze"
FOUND = {"results": [{"sentiment": {"label": "positive", "score": 0.9}}], "analyzer": "1"}


def finish(session: Session, state: str = "succeeded", **values: object) -> Job:
    job = session.scalars(select(Job)).one()
    job.state = state
    for name, value in values.items():
        setattr(job, name, value)
    session.commit()
    return job


def test_a_slow_answer_is_a_job(
    client: FlaskClient, analyst: Headers, outbox: Outbox, session: Session
) -> None:
    answer = client.post(URL, json={"texts": ["物流很快", "质量差"]}, headers=analyst)
    assert answer.status_code == 202
    job = session.scalars(select(Job)).one()
    assert answer.location == f"/api/v1/jobs/{job.id}"
    assert job.params == {"texts": ["物流很快", "质量差"]}
    assert outbox.sent == [(ANALYZE_TEXTS, (str(job.id),), "nlp")]
    assert (answer.json["kind"], answer.json["state"], answer.json["total"]) == ("analyze", "queued", 2)


def test_a_quick_answer_holds_the_results(
    app: Flask, client: FlaskClient, analyst: Headers, outbox: Outbox, session: Session
) -> None:
    app.config["ANALYZE_WAIT_SECONDS"] = 5.0
    outbox.send = lambda task, args, queue: finish(session, result=FOUND)  # type: ignore[method-assign]
    answer = client.post(URL, json={"texts": ["很好"], "only": ["sentiment"]}, headers=analyst)
    assert answer.status_code == 200
    assert answer.json == FOUND
    assert session.scalars(select(Job)).one().params["only"] == ["sentiment"]


def test_a_failed_job_says_why(
    app: Flask, client: FlaskClient, analyst: Headers, outbox: Outbox, session: Session
) -> None:
    app.config["ANALYZE_WAIT_SECONDS"] = 5.0
    outbox.send = lambda task, args, queue: finish(session, "failed", error="no model")  # type: ignore[method-assign]
    answer = client.post(URL, json={"texts": ["很好"]}, headers=analyst)
    assert answer.status_code == 503
    assert "no model" in answer.json["detail"]


def test_the_same_key_waits_for_the_same_job(
    client: FlaskClient, analyst: Headers, outbox: Outbox, session: Session
) -> None:
    headers = analyst | {"Idempotency-Key": "k1"}
    first = client.post(URL, json={"texts": ["很好"]}, headers=headers)
    finish(session, result=FOUND)
    second = client.post(URL, json={"texts": ["很好"]}, headers=headers)
    assert first.status_code == 202
    assert second.json == FOUND
    assert len(outbox.sent) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "texts"),
        ({"texts": []}, "texts"),
        ({"texts": ["好"] * 65}, "texts"),
        ({"texts": "好"}, "texts"),
        ({"texts": [1]}, "texts"),
        ({"texts": ["好" * 10_001]}, "texts"),
        ({"texts": ["好"], "only": ["magic"]}, "only"),
        ({"texts": ["好"], "only": []}, "only"),
        ({"texts": ["好"], "language": "zh"}, "language"),
    ],
)
def test_what_is_wrong_is_named(client: FlaskClient, analyst: Headers, body: dict, field: str) -> None:
    answer = client.post(URL, json=body, headers=analyst)
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert list(answer.json["errors"]) == [field]


def test_sixty_four_texts_are_taken(client: FlaskClient, analyst: Headers) -> None:
    assert client.post(URL, json={"texts": ["好"] * 64}, headers=analyst).status_code == 202


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[1]", b"null"])
def test_bad_json_is_refused(client: FlaskClient, analyst: Headers, body: bytes) -> None:
    answer = client.post(URL, data=body, content_type="application/json", headers=analyst)
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"


def test_too_long_a_body_is_refused(client: FlaskClient, analyst: Headers) -> None:
    body = b'{"texts": ["' + b"x" * (8 * 1024 * 1024) + b'"]}'
    answer = client.post(URL, data=body, content_type="application/json", headers=analyst)
    assert answer.status_code == 413
    assert answer.mimetype == "application/problem+json"


def test_viewers_and_strangers_may_not(client: FlaskClient, viewer: Headers) -> None:
    assert client.post(URL, json={"texts": ["好"]}, headers=viewer).status_code == 403
    assert client.post(URL, json={"texts": ["好"]}).status_code == 401
