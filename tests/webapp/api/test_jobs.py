import csv
import io
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import jobs
from storage.models import Chunk, Job, Workspace
from tests.webapp import factories
from tests.webapp.outbox import Outbox
from tests.webapp.pages.factories import make_job

Headers = dict[str, str]
URL = "/api/v1/jobs"


@pytest.fixture
def foreign(session: Session, stranger_workspace: Workspace) -> Job:
    return factories.job(session, stranger_workspace)


def test_a_job_as_it_is(client: FlaskClient, viewer: Headers, session: Session, workspace: Workspace) -> None:
    job = factories.job(session, workspace)
    answer = client.get(f"{URL}/{job.id}", headers=viewer)
    assert answer.status_code == 200
    assert answer.json["id"] == str(job.id)
    assert answer.json["state"] == "queued"
    assert answer.json["stages"] == [{"name": "analyze", "total": 1, "done": 0, "failed": 0}]
    assert answer.json["errors_url"] is None
    assert answer.json["result_url"] is None
    assert set(answer.json) >= {"total", "done", "failed", "rate", "eta_seconds", "created_at", "finished_at"}


def test_results_can_be_fetched_once_they_are_there(
    client: FlaskClient, viewer: Headers, session: Session, workspace: Workspace
) -> None:
    job = factories.job(session, workspace)
    assert client.get(f"{URL}/{job.id}/result", headers=viewer).status_code == 404
    job.state, job.result = "succeeded", {"results": [{"language": "zh"}]}
    session.commit()
    url = client.get(f"{URL}/{job.id}", headers=viewer).json["result_url"]
    assert client.get(url, headers=viewer).json == {"results": [{"language": "zh"}]}


def test_pages_go_through_all_newest_first(
    client: FlaskClient, viewer: Headers, session: Session, workspace: Workspace, foreign: Job
) -> None:
    made = [str(factories.job(session, workspace).id) for _ in range(5)]
    seen, cursor = [], ""
    for _ in range(5):
        page = client.get(f"{URL}?limit=2{cursor}", headers=viewer).json
        seen += [job["id"] for job in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert sorted(seen) == sorted(made)
    assert len(seen) == 5


def test_a_list_can_be_narrowed(
    client: FlaskClient, viewer: Headers, session: Session, workspace: Workspace
) -> None:
    factories.job(session, workspace, state="failed")
    wanted = factories.job(session, workspace, "refresh")
    found = client.get(f"{URL}?kind=refresh&state=queued", headers=viewer).json["items"]
    assert [job["id"] for job in found] == [str(wanted.id)]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("kind=magic", "kind"),
        ("state=odd", "state"),
        ("cursor=nonsense", "cursor"),
        ("page=2", "page"),
    ],
)
def test_a_wrong_parameter_is_named(client: FlaskClient, viewer: Headers, query: str, field: str) -> None:
    answer = client.get(f"{URL}?{query}", headers=viewer)
    assert answer.status_code == 400
    assert list(answer.json["errors"]) == [field]


def test_a_call_without_parameters_takes_none(
    client: FlaskClient, viewer: Headers, session: Session, workspace: Workspace
) -> None:
    answer = client.get(f"{URL}/{factories.job(session, workspace).id}?verbose=1", headers=viewer)
    assert answer.status_code == 400
    assert list(answer.json["errors"]) == ["verbose"]


@pytest.mark.parametrize("path", ["", "/result", "/errors.csv"])
def test_a_foreign_or_unknown_job_is_not_there(
    client: FlaskClient, viewer: Headers, foreign: Job, path: str
) -> None:
    assert client.get(f"{URL}/{foreign.id}{path}", headers=viewer).status_code == 404
    assert client.get(f"{URL}/{uuid4()}{path}", headers=viewer).status_code == 404
    assert client.get(f"{URL}/not-a-uuid{path}", headers=viewer).status_code == 404


@pytest.mark.parametrize("action", ["cancel", "retry"])
def test_a_foreign_job_cannot_be_changed(
    client: FlaskClient, analyst: Headers, foreign: Job, action: str, session: Session
) -> None:
    assert client.post(f"{URL}/{foreign.id}/{action}", headers=analyst).status_code == 404
    session.refresh(foreign)
    assert foreign.state == "queued"


def test_cancel_then_retry(
    client: FlaskClient, analyst: Headers, session: Session, workspace: Workspace, outbox: Outbox
) -> None:
    job = factories.job(session, workspace)
    cancelled = client.post(f"{URL}/{job.id}/cancel", headers=analyst)
    assert (cancelled.status_code, cancelled.json["state"]) == (202, "cancelled")
    assert cancelled.location == f"{URL}/{job.id}"
    assert outbox.sent == []
    again = client.post(f"{URL}/{job.id}/retry", headers=analyst)
    assert (again.status_code, again.json["state"]) == (202, "queued")
    assert outbox.sent == [("workers.tasks.analyze_texts", (str(job.id),), "nlp")]
    assert session.scalars(select(Chunk.state).where(Chunk.job_id == job.id)).all() == ["pending"]


@pytest.mark.parametrize(
    ("state", "action"), [("succeeded", "cancel"), ("succeeded", "retry"), ("queued", "retry")]
)
def test_what_makes_no_sense_is_a_conflict(
    client: FlaskClient, analyst: Headers, session: Session, workspace: Workspace, state: str, action: str
) -> None:
    job = factories.job(session, workspace, state=state)
    answer = client.post(f"{URL}/{job.id}/{action}", headers=analyst)
    assert answer.status_code == 409
    assert answer.mimetype == "application/problem+json"


def test_viewers_may_not_cancel(
    client: FlaskClient, viewer: Headers, session: Session, workspace: Workspace
) -> None:
    job = factories.job(session, workspace)
    assert client.post(f"{URL}/{job.id}/cancel", headers=viewer).status_code == 403


def test_refused_rows_are_a_file_that_a_spreadsheet_can_open(
    client: FlaskClient, bearer: Callable[..., Headers], session: Session, workspace: Workspace
) -> None:
    job = factories.job(session, workspace)
    refused = [
        {"line": 3, "column": "评分", "value": "九", "code": "not_a_number"},
        {"line": 7, "column": "text", "value": '=HYPERLINK("http://x")', "code": "missing_value"},
    ]
    jobs.add_refusals(session, workspace.id, job.id, refused)
    session.commit()
    answer = client.get(f"{URL}/{job.id}/errors.csv", headers=bearer("viewer") | {"Accept-Language": "zh-CN"})
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.data.startswith(b"\xef\xbb\xbf")
    header, first, second = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert header == ["line", "column", "value", "code", "reason"]
    assert first == ["3", "评分", "九", "not_a_number", "不是数字"]
    assert second[2].startswith("'=")


def test_refused_rows_speak_the_readers_language(
    client: FlaskClient, viewer: Headers, session: Session, workspace: Workspace
) -> None:
    job = factories.job(session, workspace)
    row = {"line": 3, "column": "rating", "value": "x", "code": "not_a_number"}
    jobs.add_refusals(session, workspace.id, job.id, [row])
    session.commit()
    assert "not a number" in client.get(f"{URL}/{job.id}/errors.csv", headers=viewer).text


def test_a_job_with_failures_says_where_they_are(
    client: FlaskClient, viewer: Headers, session: Session, workspace: Workspace
) -> None:
    job = factories.job(session, workspace)
    chunk = session.scalars(select(Chunk).where(Chunk.job_id == job.id)).one()
    chunk.failed = 1
    session.commit()
    shown = client.get(f"{URL}/{job.id}", headers=viewer).json
    assert shown["failed"] == 1
    assert client.get(shown["errors_url"], headers=viewer).status_code == 200


def test_an_ended_import_is_undone_once(
    client: FlaskClient,
    analyst: Headers,
    viewer: Headers,
    session: Session,
    workspace: Workspace,
    outbox: Outbox,
) -> None:
    job = make_job(session, workspace.id, state="succeeded")
    session.commit()
    assert client.post(f"{URL}/{job.id}/undo", headers=viewer).status_code == 403
    answer = client.post(f"{URL}/{job.id}/undo", headers=analyst)
    assert (answer.status_code, answer.json["kind"], answer.json["state"]) == (202, "undo", "queued")
    assert answer.headers["Location"] == f"{URL}/{answer.json['id']}"
    assert client.post(f"{URL}/{job.id}/undo", headers=analyst).json["id"] == answer.json["id"]
    assert [task for task, _, _ in outbox.sent] == ["workers.tasks.undo_import"]
    assert client.post(f"{URL}/{job.id}/retry", headers=analyst).status_code == 409


def test_a_job_under_way_or_no_import_is_not_undone(
    client: FlaskClient, analyst: Headers, session: Session, workspace: Workspace, foreign: Job
) -> None:
    running, score = (
        make_job(session, workspace.id),
        make_job(session, workspace.id, "succeeded", kind="score"),
    )
    session.commit()
    found = [
        client.post(f"{URL}/{job.id}/undo", headers=analyst).status_code for job in (running, score, foreign)
    ]
    assert found == [409, 409, 404]
