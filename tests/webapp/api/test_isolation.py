"""Every call of the API that the application knows, from outside, from next door, and misspelt."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from storage import alert_items, alert_rules, dictionary
from storage.models import DictionaryWord, ForecastRun, Job, Product, Upload, Workspace
from tests.webapp import factories
from tests.webapp.outbox import Outbox
from tests.webapp.pages.factories import make_forecast
from tests.webapp.walk import calls

Headers = dict[str, str]
# What a reader needs in order to log in or to learn the API holds nothing of any workspace.
OPEN = {"api-docs.openapi_json", "api_page.static", "api_page.page"}
# What only owners may read.
OWNERS = {"/api/v1/audit"}
DAY = date(2026, 6, 1)
SECRET = "别人的秘密"


@pytest.fixture
def analyst(bearer: Any) -> Headers:
    """Somebody next door who may do everything there."""
    owner: Headers = bearer("owner")
    return owner


@pytest.fixture
def rules(app: Flask) -> list[Rule]:
    """Every rule of the API that speaks of a workspace."""
    found = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")]
    return [rule for rule in found if rule.endpoint not in OPEN]


@pytest.fixture
def theirs(session: Session, stranger_workspace: Workspace) -> dict[str, Any]:
    """One of each thing next door, by the name of its id in an address."""
    product = factories.product(session, stranger_workspace, title=SECRET)
    factories.sale(session, product, DAY, 7.0)
    factories.review(session, product, text=SECRET, label="negative", score=-0.9)
    done = factories.job(session, stranger_workspace, state="failed", error=SECRET, result={"text": SECRET})
    run = make_forecast(session, product)
    [word] = dictionary.put_words(session, stranger_workspace.id, [{"word": SECRET}])
    session.commit()
    rule = alert_rules.add_rule(session, stranger_workspace.id, {"name": SECRET, "kind": "stockout"})
    alert, _ = alert_items.see(session, rule, alert_items.Sighting(product.id, "", DAY, {}, 1.0, None))
    session.commit()
    ids = {"product_id": product.id, "job_id": done.id, "run_id": run.id, "word_id": word.id}
    return ids | {"alert_id": alert.id}


def with_ids(rules: list[Rule]) -> list[Rule]:
    return [rule for rule in rules if rule.arguments]


def unknown_ids() -> dict[str, Any]:
    numbers = dict.fromkeys(("product_id", "word_id", "alert_id"), 2_000_000_000)
    return numbers | {"job_id": uuid4(), "run_id": uuid4()}


def rows_of(session: Session) -> dict[str, int]:
    tables = (Job, ForecastRun, Upload, Product, DictionaryWord)
    return {table.__name__: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def test_the_walk_finds_every_kind_of_id(rules: list[Rule]) -> None:
    names = {name for rule in rules for name in rule.arguments}
    assert names == {"alert_id", "product_id", "job_id", "run_id", "word_id"}
    assert len(with_ids(rules)) >= 10


def test_ids_of_another_workspace_are_not_there(
    app: Flask, client: FlaskClient, analyst: Headers, rules: list[Rule], theirs: dict[str, Any]
) -> None:
    answers = {
        (method, path): client.open(path, method=method, headers=analyst)
        for method, path in calls(app, with_ids(rules), theirs)
    }
    assert {key: answer.status_code for key, answer in answers.items()} == dict.fromkeys(answers, 404)
    assert {answer.mimetype for answer in answers.values()} == {"application/problem+json"}
    assert not any(SECRET in answer.text for answer in answers.values())


def test_they_are_there_for_those_they_belong_to(
    app: Flask,
    client: FlaskClient,
    bearer: Any,
    stranger_workspace: Workspace,
    rules: list[Rule],
    theirs: dict[str, Any],
) -> None:
    """Without this a wrong id in the walk would make every 404 above come true by itself."""
    own = bearer("owner", of=stranger_workspace)
    # What deletes is tested by itself: the rest of the walk would find nothing after it.
    kept = [rule for rule in with_ids(rules) if not rule.endpoint.startswith("erasure.")]
    for method, path in calls(app, kept, theirs):
        status = client.open(path, method=method, headers=own).status_code
        assert status in (200, 202, 409) or path.endswith("/file"), (method, path)


def test_a_foreign_id_answers_as_an_unknown_one(
    app: Flask, client: FlaskClient, analyst: Headers, rules: list[Rule], theirs: dict[str, Any]
) -> None:
    unknown = unknown_ids()
    for rule in with_ids(rules):
        for (method, foreign), (_, nothing) in zip(
            calls(app, [rule], theirs), calls(app, [rule], unknown), strict=True
        ):
            known = client.open(foreign, method=method, headers=analyst)
            missing = client.open(nothing, method=method, headers=analyst)
            assert known.status_code == missing.status_code
            for name in rule.arguments:
                told = known.json["detail"].replace(str(theirs[name]), "ID")
                assert told == missing.json["detail"].replace(str(unknown[name]), "ID"), (method, rule.rule)


def test_a_foreign_write_changes_and_sends_nothing(
    app: Flask,
    client: FlaskClient,
    analyst: Headers,
    rules: list[Rule],
    theirs: dict[str, Any],
    session: Session,
    outbox: Outbox,
) -> None:
    before = rows_of(session)
    for method, path in calls(app, with_ids(rules), theirs):
        if method != "GET":
            client.open(path, method=method, headers=analyst | {"Idempotency-Key": path})
    session.expire_all()
    assert rows_of(session) == before
    assert session.get_one(Job, theirs["job_id"]).state == "failed"
    assert outbox.sent == []


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer fp_guessed"}])
def test_without_a_token_nothing_is_told(
    app: Flask, client: FlaskClient, rules: list[Rule], theirs: dict[str, Any], headers: Headers
) -> None:
    for method, path in calls(app, rules, theirs):
        answer = client.open(path, method=method, headers=headers)
        assert answer.status_code == 401, (method, path)
        assert answer.mimetype == "application/problem+json"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert SECRET not in answer.text


def test_a_stranger_cannot_tell_which_ids_exist(
    app: Flask, client: FlaskClient, rules: list[Rule], theirs: dict[str, Any]
) -> None:
    for method, path in calls(app, with_ids(rules), unknown_ids()):
        assert client.open(path, method=method).status_code == 401, (method, path)


def test_an_unknown_parameter_is_named_on_every_call(
    app: Flask,
    client: FlaskClient,
    bearer: Any,
    stranger_workspace: Workspace,
    rules: list[Rule],
    theirs: dict[str, Any],
    session: Session,
    outbox: Outbox,
) -> None:
    own, before = bearer("owner", of=stranger_workspace), rows_of(session)
    for method, path in calls(app, rules, theirs):
        answer = client.open(f"{path}?colour=red", method=method, headers=own)
        assert answer.status_code == 400, (method, path)
        assert list(answer.json["errors"]) == ["colour"], (method, path)
    assert rows_of(session) == before
    assert outbox.sent == []


def test_lists_hold_nothing_of_another_workspace(
    app: Flask, client: FlaskClient, analyst: Headers, rules: list[Rule], theirs: dict[str, Any]
) -> None:
    lists = [rule for rule in rules if not rule.arguments and "GET" in (rule.methods or set())]
    lists = [rule for rule in lists if rule.rule not in OWNERS]
    named = {f"/api/v1/{name}" for name in ("alerts", "dictionary", "jobs", "products")}
    assert {rule.rule for rule in lists} == named
    for _, path in calls(app, lists, {}):
        assert client.get(path, headers=analyst).json == {"items": [], "next": None}


def test_every_write_needs_more_than_a_viewer(
    app: Flask,
    client: FlaskClient,
    bearer: Any,
    stranger_workspace: Workspace,
    rules: list[Rule],
    theirs: Any,
) -> None:
    own = bearer("viewer", of=stranger_workspace)
    files = f"/api/v1/jobs/{theirs['job_id']}/file"  # this job made none
    for method, path in calls(app, rules, theirs):
        right = 403 if method != "GET" or path in OWNERS else 404 if path == files else 200
        assert client.open(path, method=method, headers=own).status_code == right, (method, path)
