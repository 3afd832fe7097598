import re
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import dictionary, jobs
from storage.models import AuditEntry, Job, Workspace
from tests.webapp.conftest import LogIn
from tests.webapp.outbox import Outbox
from tests.webapp.pages.factories import make_study
from webapp.enqueue import ANALYZE_TEXTS

CHINESE = re.compile(r"[\u4e00-\u9fff]")
FOUND = {
    "texts": 12000,
    "suggestions": [
        {
            "word": "brisa",
            "count": 31,
            "texts": 24,
            "cohesion": 8.0,
            "freedom": 3.0,
            "score": 9.5,
            "parts": ["bri", "sa"],
            "contexts": ["so brisa is", "a brisa"],
        }
    ],
}
SEEN = {
    "texts": 12000,
    "changed": 24,
    "examples": [{"before": ["so", "bri", "sa", "is"], "after": ["so", "brisa", "is"]}],
    "appearing": {"brisa": 20},
    "vanishing": {"bri": 9},
}


@pytest.fixture
def analyst_client(log_in: LogIn) -> FlaskClient:
    client = log_in("analyst")
    client.get("/login?lang=en")
    return client


def trial(*words: dict[str, Any], remove: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"preview": {"words": list(words), "remove": list(remove)}}


KEEP = {"word": "brisa", "kind": "keep", "weight": None}


def test_no_word_yet(analyst_client: FlaskClient) -> None:
    assert "No word of your own yet" in analyst_client.get("/settings/dictionary").text


def test_the_words_are_listed_page_by_page(
    analyst_client: FlaskClient, session: Session, workspace: Workspace
) -> None:
    dictionary.put_words(session, workspace.id, [{"word": f"word{n}", "weight": n} for n in range(1, 103)])
    session.commit()
    html = analyst_client.get("/settings/dictionary").text
    assert "word102" in html
    assert "word1<" not in html
    [more] = re.findall(r'rel="next" href="([^"]+)"', html)
    assert "word1<" in analyst_client.get(more.replace("&amp;", "&")).text


@pytest.mark.parametrize(("path", "data", "wish"), [
    ("suggestions", {}, {"suggest": {"top": 50, "least": 5}}),
    ("trials", {"word": [" ＵＳＢ口 ", "brisa", ""]}, trial({**KEEP, "word": "USB口"}, KEEP)),
    ("trials", {"word": "不错", "kind": "split"}, trial({"word": "不错", "kind": "split", "weight": None})),
    ("trials", {"word": "不错", "weight": "70"}, trial({"word": "不错", "kind": "keep", "weight": 70})),
    ("trials", {"remove": "不错"}, trial(remove=("不错",))),
])  # fmt: skip
def test_a_form_starts_a_study_and_changes_nothing(
    analyst_client: FlaskClient,
    session: Session,
    workspace: Workspace,
    outbox: Outbox,
    path: str,
    data: dict[str, Any],
    wish: dict[str, Any],
) -> None:
    answer = analyst_client.post(f"/settings/dictionary/{path}", data=data)
    job = session.scalars(select(Job)).one()
    assert answer.headers["Location"] == f"/settings/dictionary/studies/{job.id}"
    assert (job.kind, job.params) == ("analyze", {"words": wish})
    assert [task for task, _, _ in outbox.sent] == [ANALYZE_TEXTS]
    assert dictionary.workspace_words(session, workspace.id) == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "Choose a word first."),
        ({"word": "一"}, "Not for a dictionary: 一"),
        ({"word": "两个 词"}, "Not for a dictionary: 两个 词"),
        ({"word": "不错", "weight": "0"}, "The weight is a whole number"),
        ({"word": "不错", "weight": "lots"}, "The weight is a whole number"),
        ({"word": "不错", "kind": "burn"}, "The weight is a whole number"),
    ],
)
def test_what_is_no_change_is_explained(
    analyst_client: FlaskClient, session: Session, data: dict[str, str], said: str
) -> None:
    answer = analyst_client.post("/settings/dictionary/trials", data=data, follow_redirects=True)
    assert said in answer.text
    assert session.scalars(select(Job)).all() == []


def test_a_study_is_asked_after_until_it_has_ended(
    analyst_client: FlaskClient, session: Session, workspace: Workspace
) -> None:
    job = make_study(session, workspace.id, "words", {"suggest": {"top": 50, "least": 5}})
    page = analyst_client.get(f"/settings/dictionary/studies/{job.id}").text
    assert 'hx-trigger="every 1s"' in page
    assert "Look again" in page
    part = analyst_client.get(f"/settings/dictionary/studies/{job.id}", headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith("<div")
    job.state, job.error = "failed", "worker lost"
    session.commit()
    ended = analyst_client.get(f"/settings/dictionary/studies/{job.id}").text
    assert "hx-trigger" not in ended
    assert "worker lost" in ended


def test_suggestions_have_counts_and_places_and_can_be_chosen(
    analyst_client: FlaskClient, session: Session, workspace: Workspace
) -> None:
    job = make_study(session, workspace.id, "words", {"suggest": {"top": 50, "least": 5}}, FOUND)
    html = analyst_client.get(f"/settings/dictionary/studies/{job.id}").text
    assert '<input type="checkbox" name="word" value="brisa"' in html
    assert "<span>so <mark>brisa</mark> is</span>" in html
    assert "From the newest 12,000 reviews" in html


def test_no_suggestion(analyst_client: FlaskClient, session: Session, workspace: Workspace) -> None:
    job = make_study(session, workspace.id, "words", {"suggest": {}}, {"texts": 3, "suggestions": []})
    assert "No new word found" in analyst_client.get(f"/settings/dictionary/studies/{job.id}").text


def test_a_trial_shows_what_differs_and_what_comes_and_goes(
    analyst_client: FlaskClient, session: Session, workspace: Workspace
) -> None:
    job = make_study(session, workspace.id, "words", trial(KEEP), SEEN)
    html = analyst_client.get(f"/settings/dictionary/studies/{job.id}").text
    assert "24 of the newest 12,000 reviews would be cut differently" in html
    assert "<span>so</span><mark>bri</mark><mark>sa</mark><span>is</span>" in html
    assert "<span>so</span><mark>brisa</mark><span>is</span>" in html
    assert (
        html.index("Keywords that appear")
        < html.index("brisa <b>20</b>")
        < html.index("Keywords that vanish")
    )


def test_a_change_is_made_and_scores_anew(
    analyst_client: FlaskClient, session: Session, workspace: Workspace
) -> None:
    dictionary.put_words(session, workspace.id, [{"word": "Old"}, {"word": "stays"}])
    job = make_study(session, workspace.id, "words", trial(KEEP, remove=("old",)), SEEN)
    answer = analyst_client.post(f"/settings/dictionary/studies/{job.id}/apply")
    score = session.scalars(select(Job).where(Job.kind == "score")).one()
    assert answer.headers["Location"] == f"/jobs/{score.id}"
    assert {word.word for word in dictionary.workspace_words(session, workspace.id)} == {"stays", "brisa"}
    acts = session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("dictionary")))
    assert sorted(acts) == ["dictionary.put", "dictionary.remove"]


def test_a_full_dictionary_is_left_as_it_is(
    analyst_client: FlaskClient, session: Session, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    dictionary.put_words(session, workspace.id, [{"word": "full"}])
    job = make_study(session, workspace.id, "words", trial(KEEP), SEEN)
    monkeypatch.setattr(dictionary, "MOST_WORDS", 1)
    answer = analyst_client.post(f"/settings/dictionary/studies/{job.id}/apply", follow_redirects=True)
    assert "A dictionary holds 1 words" in answer.text
    assert [word.word for word in dictionary.workspace_words(session, workspace.id)] == ["full"]


def test_only_a_trial_is_applied(analyst_client: FlaskClient, session: Session, workspace: Workspace) -> None:
    found = make_study(session, workspace.id, "words", {"suggest": {}}, FOUND)
    assert analyst_client.post(f"/settings/dictionary/studies/{found.id}/apply").status_code == 404
    texts = jobs.create_job(session, workspace.id, "analyze", params={"texts": ["secret"]})
    session.commit()
    assert analyst_client.get(f"/settings/dictionary/studies/{texts.id}").status_code == 404


def test_a_viewer_sees_none_of_it(log_in: LogIn, session: Session, workspace: Workspace) -> None:
    viewer, job = log_in("viewer"), make_study(session, workspace.id, "words", trial(KEEP), SEEN)
    assert "/settings/dictionary" not in viewer.get("/settings/security").text
    for path in ("", f"/studies/{job.id}"):
        assert viewer.get(f"/settings/dictionary{path}").status_code == 403
    for path in ("suggestions", "trials", f"studies/{job.id}/apply"):
        assert viewer.post(f"/settings/dictionary/{path}").status_code == 403


def test_a_foreign_or_unknown_study_is_404(
    analyst_client: FlaskClient, session: Session, stranger_workspace: Workspace
) -> None:
    foreign = make_study(session, stranger_workspace.id, "words", trial(KEEP), SEEN)
    for id in (foreign.id, uuid4()):
        assert analyst_client.get(f"/settings/dictionary/studies/{id}").status_code == 404
        assert analyst_client.post(f"/settings/dictionary/studies/{id}/apply").status_code == 404


@pytest.mark.parametrize(("wish", "result"), [
    (None, None),
    ({"suggest": {}}, None),
    ({"suggest": {}}, FOUND),
    ({"suggest": {}}, {"texts": 0, "suggestions": []}),
    (trial(KEEP, remove=("old",)), SEEN),
])  # fmt: skip
def test_it_is_whole_in_both_languages(
    log_in: LogIn, session: Session, workspace: Workspace, wish: Any, result: Any
) -> None:
    client, path = log_in("owner"), "/settings/dictionary"
    if wish is not None:
        path += f"/studies/{make_study(session, workspace.id, 'words', wish, result).id}"
    assert "词典" in client.get(path).text
    assert not CHINESE.search(client.get(f"{path}?lang=en").text.replace("中文", ""))
