import csv
import io
import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from storage.models import Chunk, Job, User, Workspace
from tests.webapp.outbox import Outbox
from tests.webapp.pages.factories import make_job


@pytest.fixture
def running(session: Session, workspace: Workspace) -> Job:
    made = make_job(session, workspace.id)
    session.commit()
    return made


def test_no_job_yet(reader: FlaskClient) -> None:
    html = reader.get("/jobs").text
    assert "No job yet" in html
    assert "hx-trigger" not in html


def test_the_list_asks_again_while_one_is_under_way(reader: FlaskClient, running: Job) -> None:
    html = reader.get("/jobs").text
    assert "评论.csv" in html
    assert 'hx-trigger="every 2s"' in html
    fragment = reader.get("/jobs", headers={"HX-Request": "true"}).text
    assert fragment.lstrip().startswith("<section")


def test_the_list_rests_when_all_have_ended(
    reader: FlaskClient, session: Session, workspace: Workspace
) -> None:
    make_job(session, workspace.id, state="succeeded")
    session.commit()
    assert "hx-trigger" not in reader.get("/jobs").text


def test_the_list_asks_again_while_a_job_of_another_page_is_under_way(
    reader: FlaskClient, session: Session, workspace: Workspace, running: Job
) -> None:
    make_job(session, workspace.id, state="succeeded")
    session.commit()
    html = reader.get("/jobs?state=succeeded").text
    assert 'hx-get="/jobs?state=succeeded" hx-trigger="every 2s"' in html


def test_the_list_is_filtered_by_kind_and_state(
    reader: FlaskClient, session: Session, workspace: Workspace, running: Job
) -> None:
    other = make_job(session, workspace.id, state="failed", kind="score")
    session.commit()
    both = {str(job.id) for job in (running, other)}

    def listed(query: str) -> set[str]:
        return both & set(re.findall(r'/jobs/([0-9a-f-]{36})"', reader.get(f"/jobs?{query}").text))

    assert listed("") == both
    assert listed("kind=score") == listed("state=failed") == {str(other.id)}
    assert listed("kind=import_reviews&state=running") == {str(running.id)}
    assert "No such job" in reader.get("/jobs?kind=train").text
    assert "No such job" in reader.get("/jobs?kind=nonsense").text


def test_the_list_says_how_fast_who_and_what_was_refused(
    reader: FlaskClient, session: Session, running: Job
) -> None:
    [person] = session.query(User).filter_by(email="analyst@example.com")
    running.user_id = person.id
    session.commit()
    html = reader.get("/jobs").text
    assert "analyst@example.com" in html
    assert f"/jobs/{running.id}/failures.csv" in html
    assert "started by analyst@example.com" in reader.get(f"/jobs/{running.id}").text


def test_a_part_of_a_page_that_asks_after_the_logout_sends_the_page_to_the_login(
    client: FlaskClient, running: Job
) -> None:
    answer = client.get(f"/jobs/{running.id}/progress", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login")


def test_a_job_shows_its_stages_and_what_it_refused(reader: FlaskClient, running: Job) -> None:
    html = reader.get(f"/jobs/{running.id}").text
    assert "Read rows" in html
    assert "52 / 200" in html
    assert "a required value is missing" in html
    assert f"/jobs/{running.id}/cancel" in html
    assert f"/jobs/{running.id}/retry" not in html


def test_a_training_counts_products_and_steps_not_rows(
    reader: FlaskClient, session: Session, workspace: Workspace
) -> None:
    training = make_job(session, workspace.id, kind="refresh", stage="train")
    session.add(
        Chunk(workspace_id=workspace.id, job_id=training.id, payload={}, stage="train", rows=49, done=7)
    )
    session.commit()
    html = reader.get(f"/jobs/{training.id}").text
    assert "<dt>Products</dt>" in html
    assert "7 / 49 steps" in html
    assert "Rows per second" not in html


def test_how_long_a_job_took_leaves_out_its_wait(
    reader: FlaskClient, session: Session, workspace: Workspace
) -> None:
    started = datetime.now(UTC) + timedelta(minutes=10)
    times = {"started_at": started, "finished_at": started + timedelta(seconds=65)}
    ended = make_job(session, workspace.id, state="succeeded", **times)
    session.commit()
    assert "<dt>Took</dt><dd>1:05</dd>" in reader.get(f"/jobs/{ended.id}").text


def test_progress_polls_until_the_end(reader: FlaskClient, running: Job, session: Session) -> None:
    assert 'hx-trigger="every 1s"' in reader.get(f"/jobs/{running.id}/progress").text
    running.state = "succeeded"
    session.commit()
    fragment = reader.get(f"/jobs/{running.id}/progress").text
    assert "hx-trigger" not in fragment
    assert "100%" in fragment
    assert 'data-state="succeeded"' in fragment


def test_a_failed_job_says_why_and_does_not_claim_100(
    reader: FlaskClient, session: Session, workspace: Workspace
) -> None:
    failed = make_job(session, workspace.id, state="failed", error="the file is cut short")
    session.commit()
    html = reader.get(f"/jobs/{failed.id}").text
    assert "the file is cut short" in html
    assert "100%" not in html
    assert f"/jobs/{failed.id}/retry" in html


def test_refused_rows_are_downloaded(reader: FlaskClient, running: Job) -> None:
    answer = reader.get(f"/jobs/{running.id}/failures.csv")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0] == ["Line", "Column", "Value", "Reason"]
    assert rows[1:] == [
        ["3", "评分", "'=cmd()", "a required value is missing"],
        ["9", "评分", "7", "a required value is missing"],
    ]


def test_cancel_then_retry(reader: FlaskClient, running: Job, session: Session, outbox: Outbox) -> None:
    cancelled = reader.post(f"/jobs/{running.id}/cancel", follow_redirects=True)
    assert "The job was cancelled" in cancelled.text
    session.refresh(running)
    assert running.state == "cancelled"
    retried = reader.post(f"/jobs/{running.id}/retry", follow_redirects=True)
    assert "goes on where it stopped" in retried.text
    assert [task for task, _, _ in outbox.sent] == ["workers.tasks.import_chunk"]


def test_a_job_that_has_ended_is_not_cancelled(
    reader: FlaskClient, session: Session, workspace: Workspace
) -> None:
    ended = make_job(session, workspace.id, state="succeeded")
    session.commit()
    answer = reader.post(f"/jobs/{ended.id}/cancel", follow_redirects=True)
    assert "nothing was changed" in answer.text


@pytest.mark.parametrize(("part", "page"), [("words", "dictionary"), ("aspects", "aspects")])
def test_a_study_leads_to_what_it_found(
    reader: FlaskClient, session: Session, workspace: Workspace, part: str, page: str
) -> None:
    job = make_job(session, workspace.id, state="succeeded", kind="analyze", params={part: {}})
    session.commit()
    assert f'href="/settings/{page}/studies/{job.id}"' in reader.get(f"/jobs/{job.id}").text


def test_a_viewer_may_look_but_not_touch(viewer_client: FlaskClient, running: Job) -> None:
    assert viewer_client.get(f"/jobs/{running.id}").status_code == 200
    assert viewer_client.post(f"/jobs/{running.id}/cancel").status_code == 403
    assert viewer_client.post(f"/jobs/{running.id}/retry").status_code == 403


@pytest.mark.parametrize("path", ["", "/progress", "/failures.csv"])
def test_a_foreign_or_unknown_job_is_404(
    reader: FlaskClient, session: Session, stranger_workspace: Workspace, path: str
) -> None:
    foreign = make_job(session, stranger_workspace.id)
    session.commit()
    assert reader.get(f"/jobs/{foreign.id}{path}").status_code == 404
    assert reader.get(f"/jobs/{uuid4()}{path}").status_code == 404
