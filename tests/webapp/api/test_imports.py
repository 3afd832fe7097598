import gzip
import hashlib
import io
import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from settings import Settings
from storage.models import Chunk, Job, Upload, Workspace
from tests.webapp.outbox import Outbox
from webapp.enqueue import IMPORT_CHUNK

Headers = dict[str, str]
URL = "/api/v1/imports"
REVIEWS = "商品ID,评论时间,评论内容\nA1,2026-06-01 10:00,物流很快\nA1,2026-06-02 11:00,质量差\n".encode()
SALES = b"product_id,date,units,discount,weather,note\nA1,2026-06-01,3,0.1,21.5,fine\n"


def send(
    client: FlaskClient, headers: Headers, data: bytes, name: str = "r.csv", **form: Any
) -> TestResponse:
    fields = {"kind": "reviews", **form, "file": (io.BytesIO(data), name)}
    return client.post(URL, data=fields, headers=headers, content_type="multipart/form-data")


def only_job(session: Session) -> Job:
    return session.scalars(select(Job)).one()


def files_in(settings: Settings) -> list[bytes]:
    return [path.read_bytes() for path in settings.uploads_dir.rglob("*") if path.is_file()]


def test_a_file_is_kept_and_a_worker_woken(
    client: FlaskClient, analyst: Headers, session: Session, outbox: Outbox, settings: Settings
) -> None:
    answer = send(client, analyst, REVIEWS, "评论.csv")
    assert answer.status_code == 202
    job = only_job(session)
    assert answer.location == f"/api/v1/jobs/{job.id}"
    assert (job.kind, job.params) == ("import_reviews", {"mapping": {}, "encoding": None, "columns": {}})
    chunk = session.scalars(select(Chunk)).one()
    assert outbox.sent == [(IMPORT_CHUNK, (chunk.id,), "nlp")]
    upload = session.scalars(select(Upload)).one()
    assert upload.sha256 == hashlib.sha256(REVIEWS).hexdigest()
    assert upload.original_name == "评论.csv"
    assert files_in(settings) == [REVIEWS]


@pytest.mark.parametrize(
    "data", [REVIEWS.decode().encode("gb18030"), gzip.compress(REVIEWS), b"\xef\xbb\xbf" + REVIEWS]
)
def test_bytes_stay_as_they_are(
    client: FlaskClient, analyst: Headers, settings: Settings, data: bytes
) -> None:
    assert send(client, analyst, data).status_code == 202
    assert files_in(settings) == [data]


def test_a_few_rows_take_the_same_road(
    client: FlaskClient, analyst: Headers, session: Session, settings: Settings, outbox: Outbox
) -> None:
    rows = [{"product_id": "A1", "created_at": "2026-06-01", "text": "物流很快"}]
    answer = client.post(URL, json={"kind": "reviews", "rows": rows}, headers=analyst)
    assert answer.status_code == 202
    assert only_job(session).kind == "import_reviews"
    assert [json.loads(data) for data in files_in(settings)] == rows
    assert len(outbox.sent) == 1


def test_a_mapping_by_hand(client: FlaskClient, analyst: Headers, session: Session) -> None:
    data = "货,何时,说什么\nA1,2026-06-01,很好\n".encode()
    assert send(client, analyst, data).status_code == 422
    mapping = {"货": "product_id", "何时": "created_at", "说什么": "text"}
    assert send(client, analyst, data, mapping=json.dumps(mapping)).status_code == 202
    assert only_job(session).params["mapping"] == mapping


def test_extra_columns_of_sales_are_past_unless_declared(
    client: FlaskClient, analyst: Headers, session: Session
) -> None:
    answer = send(client, analyst, SALES, kind="sales", roles='{"discount": "future"}')
    assert answer.status_code == 202
    assert answer.json["columns"] == {"discount": "future", "weather": "past"}
    assert only_job(session).params["columns"] == {"discount": "future", "weather": "past"}


@pytest.mark.parametrize(
    ("roles", "word"),
    [
        ('{"nothing": "past"}', "nothing"),
        ('{"note": "past"}', "note"),
        ('{"weather": "tomorrow"}', "tomorrow"),
    ],
)
def test_roles_that_fit_no_column_are_refused(
    client: FlaskClient, analyst: Headers, roles: str, word: str, settings: Settings
) -> None:
    answer = send(client, analyst, SALES, kind="sales", roles=roles)
    assert answer.status_code == 422
    assert word in answer.json["detail"]
    assert files_in(settings) == []


def test_roles_are_for_sales_only(client: FlaskClient, analyst: Headers) -> None:
    assert send(client, analyst, REVIEWS, roles='{"weather": "past"}').status_code == 422


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"product_id,created_at,text\n", "no rows"),
        (b"a,b\n1,2\n", "missing"),
        (REVIEWS.decode().encode("utf-16"), ""),
        (gzip.compress(REVIEWS)[:-20], ""),
        (b"\x7fELF" + bytes(200), ""),
    ],
)
def test_an_unreadable_file_is_refused_with_the_reason_and_not_kept(
    client: FlaskClient, analyst: Headers, data: bytes, word: str, settings: Settings, session: Session
) -> None:
    answer = send(client, analyst, data)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert word in answer.json["detail"]
    assert files_in(settings) == []
    assert session.scalars(select(Job)).all() == []
    assert session.scalars(select(Upload)).all() == []


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"kind": "gossip"}, "kind"),
        ({"mapping": "{"}, "mapping"),
        ({"mapping": '["text"]'}, "mapping"),
        ({"mapping": '{"a": 1}'}, "mapping"),
        ({"encoding": ""}, "encoding"),
        ({"separator": ";"}, "separator"),
    ],
)
def test_a_wrong_field_is_named(
    client: FlaskClient, analyst: Headers, form: dict[str, str], field: str
) -> None:
    answer = send(client, analyst, REVIEWS, **form)
    assert answer.status_code == 400
    assert list(answer.json["errors"]) == [field]


def test_an_encoding_nobody_reads_is_refused(client: FlaskClient, analyst: Headers) -> None:
    answer = send(client, analyst, REVIEWS, encoding="klingon")
    assert answer.status_code == 422
    assert "klingon" in answer.json["detail"]


def test_a_form_without_a_file(client: FlaskClient, analyst: Headers) -> None:
    answer = client.post(URL, data={"kind": "reviews"}, headers=analyst, content_type="multipart/form-data")
    assert answer.status_code == 400
    assert list(answer.json["errors"]) == ["file"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "reviews"}, "rows"),
        ({"kind": "reviews", "rows": []}, "rows"),
        ({"kind": "reviews", "rows": ["text"]}, "rows"),
        ({"rows": [{"text": "好"}]}, "kind"),
        ({"kind": "reviews", "rows": [{"text": "好"}], "encoding": "utf-8"}, "encoding"),
    ],
)
def test_wrong_rows_are_named(
    client: FlaskClient, analyst: Headers, body: dict[str, Any], field: str
) -> None:
    answer = client.post(URL, json=body, headers=analyst)
    assert answer.status_code == 400
    assert list(answer.json["errors"]) == [field]


def test_another_type_of_body_is_refused(client: FlaskClient, analyst: Headers) -> None:
    assert client.post(URL, data=REVIEWS, content_type="text/csv", headers=analyst).status_code == 415


def test_too_large_an_upload_is_refused_and_not_kept(
    app: Flask, client: FlaskClient, analyst: Headers, settings: Settings
) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1000
    answer = send(client, analyst, b"x" * 2000)
    assert answer.status_code == 413
    assert answer.mimetype == "application/problem+json"
    assert files_in(settings) == []


def test_a_broker_that_is_away_loses_no_import(
    client: FlaskClient, analyst: Headers, outbox: Outbox, session: Session
) -> None:
    outbox.alive = False
    assert send(client, analyst, REVIEWS).status_code == 202
    assert session.scalars(select(Chunk.state)).all() == ["pending"]


def test_the_job_belongs_to_the_callers_workspace(
    client: FlaskClient, bearer: Any, stranger_workspace: Workspace, session: Session
) -> None:
    send(client, bearer("analyst", of=stranger_workspace), REVIEWS)
    assert only_job(session).workspace_id == stranger_workspace.id


def test_viewers_and_strangers_may_not(client: FlaskClient, viewer: Headers, settings: Settings) -> None:
    assert send(client, viewer, REVIEWS).status_code == 403
    assert send(client, {}, REVIEWS).status_code == 401
    assert files_in(settings) == []
