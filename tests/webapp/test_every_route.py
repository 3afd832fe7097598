"""Every address of the application, with the ids of a neighbour."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from storage import (
    accounts,
    alert_items,
    alert_rules,
    aspects,
    destinations,
    dictionary,
    shares,
    sign_ins,
    snapshots,
    subscriptions,
    webhooks,
)
from storage.alert_items import Sighting
from storage.models import Workspace
from storage.saved_views import keep_view
from storage.tenancy import names_owned
from tests.webapp import factories
from tests.webapp.conftest import LogIn
from tests.webapp.pages.factories import make_forecast, make_job, make_study
from tests.webapp.walk import calls

SECRET = "别人的秘密"
DAY = date(2026, 6, 1)
# What a stranger may see; none of it speaks of a workspace.
PUBLIC = {
    *("static", "api_page.static", "api_page.page", "api-docs.openapi_json"),
    *("health.healthz", "health.readyz", "metrics.show"),
    *("auth.login", "auth.check", "auth.logout", "auth.code", "auth.check_code"),
    # Opened by a random word that is looked up whatever its workspace.
    *("links.join", "links.accept", "links.reset", "links.renew", "shared.show"),
}
# Arguments of addresses that are no ids.
WORDS = {"day": "2026-06-01", "kind": "sales"}
WRITES = re.compile(r"\b(INSERT INTO|UPDATE|DELETE FROM|CREATE TEMP|DECLARE)\b|_xact_lock")


def make_theirs(session: Session, workspace: Workspace) -> dict[str, Any]:
    """Make one of each thing that an address can name; return the ids by their names there."""
    product = factories.product(session, workspace, title=SECRET)
    factories.sale(session, product, DAY, 7.0)
    said = factories.review(session, product, text=SECRET, label="negative", score=-0.9, scored_by="1")
    job = make_job(session, workspace.id, error=SECRET)
    run = make_forecast(session, product)
    wish = {"preview": {"words": [{"word": SECRET, "kind": "keep"}], "remove": []}}
    study = make_study(session, workspace.id, "words", wish)
    change = {"name": SECRET, "shown": "", "words": [SECRET], "is_off": False}
    tried = make_study(session, workspace.id, "aspects", change)
    aspects.put_category(session, workspace.id, **change)
    [word] = dictionary.put_words(session, workspace.id, [{"word": SECRET}])
    person = accounts.create_user(session, f"{workspace.id}@example.com", "hash")
    accounts.set_membership(session, workspace.id, person.id, "viewer")
    token = accounts.create_token(session, workspace.id, name=SECRET, role="viewer", token_hash="t")
    invited = sign_ins.invite(session, workspace.id, f"{SECRET}@example.com", "viewer", "i")
    hook = webhooks.add_webhook(session, workspace.id, f"https://hooks.example.com/{SECRET}", "s")
    rule = alert_rules.add_rule(session, workspace.id, {"name": SECRET, "kind": "stockout"})
    alert, _ = alert_items.see(session, rule, Sighting(product.id, "", DAY, {}, 1.0, None))
    told = destinations.add_destination(session, workspace.id, "email", SECRET, "li@example.com", "sealed")
    frozen = snapshots.take(session, product)
    opened = shares.add_share(session, frozen, "s")
    wishes = {"format": "xlsx", "language": "zh", "week": DAY}
    weekly = subscriptions.subscribe(session, workspace.id, person.id, product.id, **wishes)
    session.commit()
    return {
        "alert_id": alert.id,
        "rule_id": rule.id,
        "destination_id": told.id,
        "subscription_id": weekly.id,
        "share_id": opened.id,
        "view_id": keep_view(session, workspace.id, person.id, SECRET, {}).id,
        "webhook_id": hook.id,
        "user_id": person.id,
        "token_id": token.id,
        "invitation_id": invited.id,
        "product_id": product.id,
        "review_id": said.id,
        "job_id": job.id,
        "upload_id": job.upload_id,
        "run_id": run.id,
        "word_id": word.id,
        "study_id": study.id,
        "aspect_study_id": tried.id,
    }


@pytest.fixture
def theirs(session: Session, stranger_workspace: Workspace) -> dict[str, Any]:
    return make_theirs(session, stranger_workspace)


@contextmanager
def sent(engine: Engine, kind: Callable[[str], object]) -> Iterator[list[str]]:
    """The SQL of a kind that was sent meanwhile."""
    seen: list[str] = []

    def look(_connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        if kind(sql):
            seen.append(sql)

    event.listen(engine, "before_cursor_execute", look)
    yield seen
    event.remove(engine, "before_cursor_execute", look)


def is_unbound(sql: str) -> bool:
    """Tell whether SQL names rows of workspaces and no workspace."""
    told = sql.startswith("INSERT") or re.search(r"\bworkspace_id\s*=", sql)
    return names_owned(sql) and not told


@pytest.fixture
def unbound(engine: Engine) -> Iterator[list[str]]:
    with sent(engine, is_unbound) as seen:
        yield seen


def private(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint not in PUBLIC]


def of_rows(rules: list[Rule]) -> list[Rule]:
    return [rule for rule in rules if rule.arguments - WORDS.keys()]


def test_every_route_with_an_id_answers_404_to_a_neighbour(
    app: Flask, log_in: LogIn, theirs: dict[str, Any], bearer: Any, unbound: list[str]
) -> None:
    """An owner asks, with a cookie and with a token: no role opens what is somebody else's."""
    rules = of_rows(private(app))
    assert len(rules) >= 21
    for client, headers in ((log_in("owner"), {}), (app.test_client(), bearer("owner"))):
        for method, path in calls(app, rules, theirs | WORDS):
            if headers and not path.startswith("/api/"):
                continue
            answer = client.open(path, method=method, headers=headers, data={} if method == "POST" else None)
            assert answer.status_code == 404, (method, path, answer.text[:300])
            assert SECRET not in answer.text
    assert unbound == []


def test_every_route_without_an_id_tells_nothing_of_a_neighbour(
    app: Flask, log_in: LogIn, theirs: dict[str, Any], unbound: list[str], engine: Engine
) -> None:
    """Nor does it write: that would be there at once, as a page has no transaction."""
    owner = log_in("owner")
    told = [str(theirs[name]) for name in ("job_id", "run_id")] + [SECRET, "评论.csv"]
    with sent(engine, WRITES.search) as writes:
        for method, path in calls(app, [r for r in private(app) if r not in of_rows(private(app))], WORDS):
            if method == "GET":
                text = owner.get(path).get_data().decode(errors="replace")
                assert [word for word in told if word in text] == [], path
    assert unbound == writes == []


def test_no_route_but_the_public_ones_serves_a_stranger(
    app: Flask, client: FlaskClient, theirs: dict[str, Any]
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    for method, path in calls(app, private(app), theirs | WORDS):
        answer = client.open(path, method=method)
        inside = answer.status_code == 401 or (answer.status_code, answer.location[:6]) == (302, "/login")
        assert inside, (method, path, answer.status_code)
        assert SECRET not in answer.text


def test_a_member_of_both_sees_the_one_they_chose(
    app: Flask,
    log_in: LogIn,
    theirs: dict[str, Any],
    session: Session,
    stranger_workspace: Workspace,
    engine: Engine,
) -> None:
    """Without this a wrong id in the walk would make every 404 above come true by itself. No page writes."""
    client = log_in("owner")
    person = accounts.find_user(session, "owner@example.com")
    assert person is not None
    accounts.set_membership(session, stranger_workspace.id, person.id, "owner")
    session.commit()
    reads = [call for call in calls(app, of_rows(private(app)), theirs | WORDS) if call[0] == "GET"]
    assert {client.get(path).status_code for _, path in reads} == {404}
    with client.session_transaction() as cookie:
        cookie["workspace_id"] = stranger_workspace.id
    gone = re.compile(r"^/imports/\d+$|/(result|file)$")  # its files and its result were never made
    with sent(engine, WRITES.search) as writes:
        found = {path: client.get(path).status_code for _, path in reads if not gone.search(path)}
    assert set(found.values()) == {200}, found
    assert writes == []
