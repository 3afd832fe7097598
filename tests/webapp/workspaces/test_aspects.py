from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import aspects, jobs
from storage.models import AuditEntry, Job, Workspace
from tests.webapp.conftest import LogIn
from tests.webapp.outbox import Outbox
from tests.webapp.pages.factories import make_study
from webapp.enqueue import ANALYZE_TEXTS

TREE = [
    {"name": "物流", "english": "delivery", "words": ["快递", "发货"]},
    {"name": "包装", "english": "packaging", "words": ["盒子"]},
]
OWN: dict[str, Any] = {"name": "烟机", "shown": "", "words": ["拢烟罩"], "is_off": False}
MANY = ["OK键", "油烟", "网罩", "拢烟罩"]
SEEN = {
    "texts": 2000,
    "changed": 24,
    "gains": {"烟机": 20},
    "losses": {"物流": 4},
    "examples": [{"before": "这个", "said": "拢烟罩", "after": "很好", "category": "烟机", "gained": True}],
}


@pytest.fixture(autouse=True)
def tree(session: Session) -> None:
    aspects.keep_tree(session, TREE)
    session.commit()


@pytest.fixture
def analyst_client(log_in: LogIn) -> FlaskClient:
    client = log_in("analyst")
    client.get("/login?lang=en")
    return client


def test_the_tree_is_shown_with_what_is_changed(
    analyst_client: FlaskClient, session: Session, workspace: Workspace
) -> None:
    aspects.put_category(session, workspace.id, "物流", shown="配送", words=["闪送"])
    aspects.put_category(session, workspace.id, "包装", is_off=True)
    aspects.put_category(session, workspace.id, **OWN)
    session.commit()
    html = analyst_client.get("/settings/aspects").text
    told = [
        "配送",
        "built in as Delivery",
        "闪送",
        "changed",
        "Packaging",
        "left out",
        "烟机",
        "拢烟罩",
        "your own",
    ]
    assert [word for word in told if word not in html] == []


def test_no_tree_yet(analyst_client: FlaskClient, session: Session) -> None:
    aspects.keep_tree(session, [])
    session.commit()
    assert "The tree is not here yet" in analyst_client.get("/settings/aspects").text


def test_a_viewer_sees_the_tree_and_changes_nothing(
    log_in: LogIn, session: Session, workspace: Workspace
) -> None:
    viewer, job = log_in("viewer"), make_study(session, workspace.id, "aspects", OWN, SEEN)
    html = viewer.get("/settings/aspects").text
    assert "物流" in html
    assert "/settings/aspects/edit" not in html
    for path in ("edit", f"studies/{job.id}"):
        assert viewer.get(f"/settings/aspects/{path}").status_code == 403
    for path in ("trials", f"studies/{job.id}/apply"):
        assert viewer.post(f"/settings/aspects/{path}").status_code == 403


@pytest.mark.parametrize(
    ("data", "wish"),
    [
        ({"name": "烟机", "words": "拢烟罩"}, OWN),
        ({"name": "烟机", "words": " ＯＫ键，油烟\r\n网罩、拢烟罩 "}, OWN | {"words": MANY}),
        (
            {"name": "物流", "shown": "配送", "is_off": "yes"},
            {"name": "物流", "shown": "配送", "words": [], "is_off": True},
        ),
        ({"name": "物流", "shown": "物流", "words": "闪送"}, OWN | {"name": "物流", "words": ["闪送"]}),
        ({"name": "物流", "words": "闪送", "reset": "yes"}, OWN | {"name": "物流", "words": []}),
    ],
)  # fmt: skip
def test_the_form_starts_a_study_and_changes_nothing(
    analyst_client: FlaskClient,
    session: Session,
    workspace: Workspace,
    outbox: Outbox,
    data: dict[str, str],
    wish: dict[str, Any],
) -> None:
    answer = analyst_client.post("/settings/aspects/trials", data=data)
    job = session.scalars(select(Job)).one()
    assert answer.headers["Location"] == f"/settings/aspects/studies/{job.id}"
    assert (job.kind, job.params) == ("analyze", {"aspects": wish})
    assert [task for task, _, _ in outbox.sent] == [ANALYZE_TEXTS]
    assert aspects.categories(session, workspace.id) == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "name has 1 to 20 characters"),
        ({"name": "a/b", "words": "油烟"}, "name has 1 to 20 characters"),
        ({"name": "烟机"}, "needs at least one word"),
        ({"name": "烟机", "words": "烟"}, "2 to 20 characters"),
        ({"name": "包装", "shown": "物流"}, "Another category is called so already"),
        ({"name": "烟机", "reset": "yes"}, "There is no such category"),
    ],
)
def test_what_cannot_be_is_explained(
    analyst_client: FlaskClient, session: Session, data: dict[str, str], said: str
) -> None:
    answer = analyst_client.post("/settings/aspects/trials", data=data, follow_redirects=True)
    assert said in answer.text
    assert session.scalars(select(Job)).all() == []


def test_the_form_of_a_category(analyst_client: FlaskClient, session: Session, workspace: Workspace) -> None:
    aspects.put_category(session, workspace.id, **OWN)
    session.commit()
    assert "Leave this category out" in analyst_client.get("/settings/aspects/edit?name=物流").text
    own = analyst_client.get("/settings/aspects/edit?name=烟机").text
    assert "拢烟罩</textarea>" in own
    assert "Leave this category out" not in own
    assert analyst_client.get("/settings/aspects/edit?name=没有").status_code == 404
    assert 'id="name" name="name" required' in analyst_client.get("/settings/aspects/edit").text


def test_a_study_is_asked_after_until_it_has_ended(
    analyst_client: FlaskClient, session: Session, workspace: Workspace
) -> None:
    job = make_study(session, workspace.id, "aspects", OWN)
    url = f"/settings/aspects/studies/{job.id}"
    assert 'hx-trigger="every 1s"' in analyst_client.get(url).text
    assert analyst_client.get(url, headers={"HX-Request": "true"}).text.lstrip().startswith("<div")
    job.state, job.result = "succeeded", SEEN
    session.commit()
    html = analyst_client.get(url).text
    assert "hx-trigger" not in html
    assert "24 of the newest 2,000 reviews would have other aspects" in html
    assert "这个<mark>拢烟罩</mark>很好" in html


def test_a_change_is_made_and_scores_anew(
    analyst_client: FlaskClient, session: Session, workspace: Workspace
) -> None:
    job = make_study(session, workspace.id, "aspects", OWN, SEEN)
    answer = analyst_client.post(f"/settings/aspects/studies/{job.id}/apply")
    score = session.scalars(select(Job).where(Job.kind == "score")).one()
    assert answer.headers["Location"] == f"/jobs/{score.id}"
    [change] = aspects.categories(session, workspace.id)
    assert (change.name, change.words) == ("烟机", ["拢烟罩"])
    reset = make_study(session, workspace.id, "aspects", OWN | {"words": []}, SEEN)
    analyst_client.post(f"/settings/aspects/studies/{reset.id}/apply")
    assert aspects.categories(session, workspace.id) == []
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action.startswith("aspects."))).all()
    told = {"shown": "", "words": ["拢烟罩"], "off": False}
    assert [(one.action, one.before, one.after) for one in entries] == [
        ("aspects.put", None, told),
        ("aspects.reset", told, None),
    ]


def test_a_name_taken_meanwhile_is_refused(
    analyst_client: FlaskClient, session: Session, workspace: Workspace
) -> None:
    job = make_study(session, workspace.id, "aspects", OWN, SEEN)
    aspects.put_category(session, workspace.id, "包装", shown="烟机")
    session.commit()
    answer = analyst_client.post(f"/settings/aspects/studies/{job.id}/apply", follow_redirects=True)
    assert "Another category is called so already" in answer.text
    assert session.scalars(select(Job).where(Job.kind == "score")).all() == []


def test_a_foreign_or_unknown_study_is_404(
    analyst_client: FlaskClient, session: Session, workspace: Workspace, stranger_workspace: Workspace
) -> None:
    foreign = make_study(session, stranger_workspace.id, "aspects", OWN, SEEN)
    other = jobs.create_job(session, workspace.id, "analyze", params={"texts": ["x"]})
    session.commit()
    for id in (foreign.id, other.id, uuid4()):
        assert analyst_client.get(f"/settings/aspects/studies/{id}").status_code == 404
        assert analyst_client.post(f"/settings/aspects/studies/{id}/apply").status_code == 404


@pytest.mark.parametrize("path", ["/settings/aspects", "/settings/aspects/edit?name=物流", "study"])
def test_it_is_whole_in_both_languages(
    log_in: LogIn, session: Session, workspace: Workspace, path: str
) -> None:
    client = log_in("owner")
    if path == "study":
        path = f"/settings/aspects/studies/{make_study(session, workspace.id, 'aspects', OWN, SEEN).id}"
    assert "方面" in client.get(path).text
    english = client.get(f"{path}{'&' if '?' in path else '?'}lang=en").text
    assert "Aspects" in english
    assert [word for word in ("方面", "修改", "保存", "评论") if word in english] == []
