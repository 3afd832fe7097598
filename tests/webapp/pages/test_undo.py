import re
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import sales
from storage.models import AuditEntry, Job, Product, Workspace
from storage.reviews import copy_reviews
from tests.storage.factories import review_row
from tests.webapp.conftest import LogIn
from tests.webapp.outbox import Outbox
from tests.webapp.pages.factories import LAST, make_job

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def ended(session: Session, workspace: Workspace, product: Product) -> Job:
    """An import of two reviews, which also corrected a day of sales."""
    job = make_job(session, workspace.id, state="succeeded")
    rows = [review_row(product.id, LAST, external_id=f"of the import {n}") for n in range(2)]
    copy_reviews(session, workspace.id, rows, job.id)
    day = {"product_id": product.id, "day": LAST, "units": 999.0}
    sales.copy_sales(session, workspace.id, [day], job.id)
    session.commit()
    return job


def test_the_job_page_leads_to_the_question(reader: FlaskClient, ended: Job) -> None:
    assert f'href="/jobs/{ended.id}/undo"' in reader.get(f"/jobs/{ended.id}").text


def test_the_question_counts_and_changes_nothing(reader: FlaskClient, ended: Job, outbox: Outbox) -> None:
    html = reader.get(f"/jobs/{ended.id}/undo").text
    rows = re.findall(r'<th scope="row">([^<]*)</th>((?:<td class="number">[^<]*</td>)+)', html)
    assert {name: re.findall(r">(\d+)<", cells) for name, cells in rows} == {
        "Reviews": ["2", "0", "0"],
        "Days of sales": ["0", "1", "0"],
    }
    assert outbox.sent == []


@pytest.mark.parametrize("path", ["/jobs/{job}/undo", "/jobs/{job}"])
def test_it_is_whole_in_both_languages(log_in: LogIn, ended: Job, path: str) -> None:
    client = log_in("owner")
    assert "撤销这次导入" in client.get(path.format(job=ended.id)).text
    english = client.get(path.format(job=ended.id) + "?lang=en").text
    for word in ("中文", "评论.csv", "评分"):
        english = english.replace(word, "")
    assert not CHINESE.search(english)


def test_confirmed_it_is_a_job_with_an_audit_entry_once(
    reader: FlaskClient, session: Session, ended: Job, outbox: Outbox
) -> None:
    answer = reader.post(f"/jobs/{ended.id}/undo")
    made = session.scalars(select(Job).where(Job.kind == "undo")).one()
    assert answer.headers["Location"] == f"/jobs/{made.id}"
    assert (made.params, made.total) == ({"undoes": str(ended.id)}, 3)
    assert [task for task, _, _ in outbox.sent] == ["workers.tasks.undo_import"]
    assert reader.post(f"/jobs/{ended.id}/undo").headers["Location"] == f"/jobs/{made.id}"
    assert reader.get(f"/jobs/{ended.id}/undo").headers["Location"] == f"/jobs/{made.id}"
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "import.undo")).one()
    assert (entry.target, entry.actor, entry.after["undo"]) == (
        str(ended.id),
        "analyst@example.com",
        str(made.id),
    )


def test_both_jobs_name_each_other(reader: FlaskClient, session: Session, ended: Job) -> None:
    reader.post(f"/jobs/{ended.id}/undo")
    made = session.scalars(select(Job).where(Job.kind == "undo")).one()
    made.state, made.result = "succeeded", {"reviews_removed": 2, "changed_kept": 7}
    session.commit()
    undone = reader.get(f"/jobs/{ended.id}").text
    assert f'href="/jobs/{made.id}"' in undone
    assert f"/jobs/{ended.id}/undo" not in undone
    page = reader.get(f"/jobs/{made.id}").text
    assert f'href="/jobs/{ended.id}"' in page
    assert "What was taken back" in page
    assert "7 rows were changed by later imports" in page


def test_an_import_that_left_nothing(reader: FlaskClient, session: Session, workspace: Workspace) -> None:
    job = make_job(session, workspace.id, state="failed")
    session.commit()
    assert "Nothing is left to take back" in reader.get(f"/jobs/{job.id}/undo").text


@pytest.mark.parametrize(("state", "kind"), [("running", "import_reviews"), ("succeeded", "score")])
def test_what_cannot_be_undone(
    reader: FlaskClient, session: Session, workspace: Workspace, state: str, kind: str
) -> None:
    job = make_job(session, workspace.id, state=state, kind=kind)
    session.commit()
    assert "undo" not in reader.get(f"/jobs/{job.id}").text.lower()
    assert "Only an import that has ended can be undone." in reader.get(f"/jobs/{job.id}/undo").text
    answer = reader.post(f"/jobs/{job.id}/undo", follow_redirects=True)
    assert "Only an import that has ended can be undone." in answer.text


def test_a_viewer_neither_sees_nor_does_it(viewer_client: FlaskClient, ended: Job) -> None:
    assert f"/jobs/{ended.id}/undo" not in viewer_client.get(f"/jobs/{ended.id}").text
    assert viewer_client.get(f"/jobs/{ended.id}/undo").status_code == 403
    assert viewer_client.post(f"/jobs/{ended.id}/undo").status_code == 403


def test_a_foreign_or_unknown_import_is_404(
    reader: FlaskClient, session: Session, stranger_workspace: Workspace
) -> None:
    foreign = make_job(session, stranger_workspace.id, state="succeeded")
    session.commit()
    for id in (foreign.id, uuid4()):
        assert reader.get(f"/jobs/{id}/undo").status_code == 404
        assert reader.post(f"/jobs/{id}/undo").status_code == 404
