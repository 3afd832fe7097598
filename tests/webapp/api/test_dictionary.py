from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import dictionary
from storage.models import Chunk, Job, Workspace
from tests.webapp.outbox import Outbox
from webapp.enqueue import ANALYZE_TEXTS

Headers = dict[str, str]
URL = "/api/v1/dictionary"
FOUND = {"suggestions": [{"word": "玛丽苏", "score": 9.5}], "texts": 3}


def words_of(session: Session, workspace: Workspace) -> list[tuple[str, str, int | None]]:
    found = dictionary.workspace_words(session, workspace.id)
    return [(word.word, word.kind, word.weight) for word in found]


def test_words_go_in_and_everything_is_scored_anew(
    client: FlaskClient, analyst: Headers, session: Session, workspace: Workspace
) -> None:
    body = {
        "words": [
            {"word": " ＵＳＢ口 "},
            {"word": "不错", "kind": "split"},
            {"word": "冰丝凉感", "weight": 7},
        ]
    }
    answer = client.post(URL, json=body, headers=analyst)
    assert answer.status_code == 202
    assert words_of(session, workspace) == [
        ("USB口", "keep", None),
        ("不错", "split", None),
        ("冰丝凉感", "keep", 7),
    ]
    assert [word["word"] for word in answer.json["words"]] == ["USB口", "不错", "冰丝凉感"]
    job = session.scalars(select(Job)).one()
    assert (job.kind, answer.location) == ("score", f"/api/v1/jobs/{job.id}")
    assert answer.json["job"]["id"] == str(job.id)
    listed = client.get(URL, headers=analyst).json
    assert listed == {"items": answer.json["words"][::-1], "next": None}


def test_changes_in_quick_succession_are_one_job_after_a_quiet_time(
    client: FlaskClient, analyst: Headers, session: Session
) -> None:
    first = client.post(URL, json={"words": [{"word": "冰丝凉感"}]}, headers=analyst)
    second = client.delete(f"{URL}/{first.json['words'][0]['id']}", headers=analyst)
    assert second.status_code == 202
    assert second.location == first.location
    chunk = session.scalars(select(Chunk)).one()
    assert chunk.not_before > chunk.created_at


def test_a_word_is_taken_away(
    client: FlaskClient, analyst: Headers, session: Session, workspace: Workspace
) -> None:
    [word] = dictionary.put_words(session, workspace.id, [{"word": "冰丝凉感"}])
    session.commit()
    answer = client.delete(f"{URL}/{word.id}", headers=analyst)
    assert [gone["word"] for gone in answer.json["words"]] == ["冰丝凉感"]
    assert words_of(session, workspace) == []
    assert client.delete(f"{URL}/{word.id}", headers=analyst).status_code == 404


def test_the_list_is_paged(
    client: FlaskClient, viewer: Headers, session: Session, workspace: Workspace
) -> None:
    dictionary.put_words(session, workspace.id, [{"word": word} for word in ("一一", "二二", "三三")])
    session.commit()
    first = client.get(f"{URL}?limit=2", headers=viewer).json
    assert [word["word"] for word in first["items"]] == ["三三", "二二"]
    second = client.get(f"{URL}?limit=2&cursor={first['next']}", headers=viewer).json
    assert ([word["word"] for word in second["items"]], second["next"]) == (["一一"], None)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("", {}, "words"),
        ("", {"words": []}, "words"),
        ("", {"words": [{"word": f"词{n}"} for n in range(501)]}, "words"),
        ("", {"words": ["冰丝凉感"]}, "words"),
        ("", {"words": [{"word": "好"}]}, "words"),
        ("", {"words": [{"word": "冰丝 凉感"}]}, "words"),
        ("", {"words": [{"word": "冰" * 21}]}, "words"),
        ("", {"words": [{"word": "冰丝\n"}, {"word": "凉感，"}]}, "words"),
        ("", {"words": [{"word": "冰丝", "kind": "maybe"}]}, "words"),
        ("", {"words": [{"word": "冰丝", "weight": 0}]}, "words"),
        ("", {"words": [{"word": "冰丝", "colour": "red"}]}, "words"),
        ("", {"words": [{"word": "冰丝"}], "colour": "red"}, "colour"),
        ("/suggestions", {"top": 0}, "top"),
        ("/suggestions", {"least": 1}, "least"),
        ("/suggestions", {"colour": "red"}, "colour"),
        ("/preview", {"words": [{"word": "好"}]}, "words"),
        ("/preview", {"remove": [7]}, "remove"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_done(
    client: FlaskClient,
    analyst: Headers,
    session: Session,
    workspace: Workspace,
    path: str,
    body: dict[str, Any],
    field: str,
) -> None:
    answer = client.post(URL + path, json=body, headers=analyst)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert list(answer.json["errors"]) == [field]
    assert words_of(session, workspace) == []
    assert session.scalars(select(Job)).all() == []


def test_what_a_word_is_is_told_in_the_readers_language(client: FlaskClient, analyst: Headers) -> None:
    body = {"words": [{"word": "好"}]}
    english = client.post(URL, json=body, headers=analyst).text
    assert "A word has 2 to 20 Chinese characters" in english
    chinese = client.post(URL, json=body, headers=analyst | {"Accept-Language": "zh-CN"}).json
    assert chinese["errors"]["words"]["0"]["word"] == [
        "词语由 2 至 20 个汉字、拉丁字母、数字和 +#&._%- 组成。"
    ]


def test_too_many_words_are_a_conflict(
    client: FlaskClient,
    analyst: Headers,
    session: Session,
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dictionary, "MOST_WORDS", 1)
    answer = client.post(URL, json={"words": [{"word": "冰丝"}, {"word": "凉感"}]}, headers=analyst)
    assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")
    assert words_of(session, workspace) == []
    assert session.scalars(select(Job)).all() == []


@pytest.mark.parametrize(
    ("path", "body", "wish"),
    [
        ("/suggestions", {}, {"suggest": {"top": 50, "least": 5}}),
        ("/suggestions", {"top": 9, "least": 3}, {"suggest": {"top": 9, "least": 3}}),
        (
            "/preview",
            {"words": [{"word": "冰丝凉感"}], "remove": ["不错"]},
            {
                "preview": {
                    "words": [{"word": "冰丝凉感", "kind": "keep", "weight": None}],
                    "remove": ["不错"],
                }
            },
        ),
    ],
)
def test_a_study_is_a_job_for_the_workers(
    client: FlaskClient,
    analyst: Headers,
    outbox: Outbox,
    session: Session,
    path: str,
    body: dict[str, Any],
    wish: dict[str, Any],
) -> None:
    answer = client.post(URL + path, json=body, headers=analyst)
    job = session.scalars(select(Job)).one()
    assert (answer.status_code, answer.location) == (202, f"/api/v1/jobs/{job.id}")
    assert (job.kind, job.params) == ("analyze", {"words": wish})
    assert outbox.sent == [(ANALYZE_TEXTS, (str(job.id),), "nlp")]


def test_a_quick_study_is_answered_at_once(
    app: Flask, client: FlaskClient, analyst: Headers, outbox: Outbox, session: Session
) -> None:
    def finish(task: str, args: tuple[Any, ...], queue: str) -> None:
        job = session.scalars(select(Job)).one()
        job.state, job.result = "succeeded", FOUND
        session.commit()

    app.config["ANALYZE_WAIT_SECONDS"] = 5.0
    outbox.send = finish  # type: ignore[method-assign]
    answer = client.post(f"{URL}/suggestions", json={}, headers=analyst)
    assert (answer.status_code, answer.json) == (200, FOUND)


def test_the_same_key_puts_words_in_once(
    client: FlaskClient, analyst: Headers, session: Session, workspace: Workspace
) -> None:
    headers = analyst | {"Idempotency-Key": "k1"}
    body = {"words": [{"word": "冰丝凉感"}]}
    first = client.post(URL, json=body, headers=headers)
    client.delete(f"{URL}/{first.json['words'][0]['id']}", headers=analyst)
    again = client.post(URL, json=body, headers=headers)
    assert again.json == first.json
    assert words_of(session, workspace) == []


def test_viewers_read_and_strangers_do_not(
    client: FlaskClient, viewer: Headers, session: Session, workspace: Workspace
) -> None:
    [word] = dictionary.put_words(session, workspace.id, [{"word": "冰丝凉感"}])
    session.commit()
    assert client.get(URL, headers=viewer).status_code == 200
    assert client.get(URL).status_code == 401
    for path in ("", "/suggestions", "/preview"):
        assert client.post(URL + path, json={}, headers=viewer).status_code == 403
    assert client.delete(f"{URL}/{word.id}", headers=viewer).status_code == 403
    assert words_of(session, workspace) == [("冰丝凉感", "keep", None)]


def test_words_of_another_workspace_are_not_there(
    client: FlaskClient, analyst: Headers, session: Session, stranger_workspace: Workspace
) -> None:
    [word] = dictionary.put_words(session, stranger_workspace.id, [{"word": "冰丝凉感"}])
    session.commit()
    assert client.get(URL, headers=analyst).json == {"items": [], "next": None}
    assert client.delete(f"{URL}/{word.id}", headers=analyst).status_code == 404
    assert words_of(session, stranger_workspace) == [("冰丝凉感", "keep", None)]
