"""Every page that the application knows: from next door, from outside, by a viewer, in both languages."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from settings import Settings
from storage import accounts, alert_items, alert_rules, exports, shares, snapshots, subscriptions
from storage.alert_items import Sighting
from storage.models import Chunk, ForecastRun, Job, Product, Upload, Workspace
from storage.saved_views import keep_view
from tests.webapp.outbox import Outbox
from tests.webapp.pages.conftest import LogIn
from tests.webapp.pages.factories import LAST, make_forecast, make_job, make_product, make_review, make_sales
from tests.webapp.walk import calls

SECRET = "别人的秘密"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("pages.")]


def ids_of(session: Session, workspace: Workspace, **names: str) -> dict[str, Any]:
    """Make one of each thing in a workspace; return the ids by their name in an address."""
    product = make_product(session, workspace.id, **names)
    make_sales(session, product)
    review = make_review(session, product, LAST, "negative")
    run = make_forecast(session, product)
    job = make_job(session, workspace.id)
    rule = alert_rules.add_rule(session, workspace.id, {"name": "Stock", "kind": "stockout"})
    alert, _ = alert_items.see(session, rule, Sighting(product.id, "", LAST, {}, 1.0, None))
    frozen = snapshots.take(session, product)
    made = exports.add_export(session, job, "a.xlsx", frozen, format="xlsx", language="zh")
    made.path, made.sha256 = f"{job.id}.xlsx", "ab"
    person = accounts.find_user(session, "analyst@example.com")
    person = person or accounts.create_user(session, f"{workspace.id}@example.com", "hash")
    wishes = {"format": "xlsx", "language": "zh", "week": LAST}
    weekly = subscriptions.subscribe(session, workspace.id, person.id, product.id, **wishes)
    opened = shares.add_share(session, frozen, f"word {workspace.id}")
    session.commit()
    day = LAST.isoformat()
    return {
        "alert_id": alert.id,
        "rule_id": rule.id,
        "subscription_id": weekly.id,
        "share_id": opened.id,
        "view_id": keep_view(session, workspace.id, person.id, "mine", {}).id,
        "product_id": product.id,
        "review_id": review.id,
        "job_id": job.id,
        "upload_id": job.upload_id,
        "run_id": run.id,
        "day": day,
        "kind": "sales",
    }


@pytest.fixture
def theirs(session: Session, stranger_workspace: Workspace) -> dict[str, Any]:
    return ids_of(session, stranger_workspace, title=SECRET)


@pytest.fixture
def ours(session: Session, workspace: Workspace, settings: Settings) -> dict[str, Any]:
    ids = ids_of(session, workspace, title="Air fryer")
    upload = session.get_one(Upload, ids["upload_id"])
    path = settings.uploads_dir / upload.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"product_id,created_at,text\nA1,2026-06-01,fine\n")
    settings.exports_dir.mkdir(parents=True, exist_ok=True)
    (settings.exports_dir / f"{ids['job_id']}.xlsx").write_bytes(b"PK")
    return ids


def with_ids(rules: list[Rule]) -> list[Rule]:
    return [rule for rule in rules if any(name.endswith("_id") for name in rule.arguments)]


def rows_of(session: Session) -> dict[str, int]:
    tables = (Job, Chunk, ForecastRun, Upload, Product)
    return {table.__name__: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def whole_pages(app: Flask, rules: list[Rule], ids: dict[str, Any]) -> list[str]:
    """Return the addresses of pages with a frame of their own: no fragments, no downloads."""
    parts = ("pages.day", "pages.behind", "pages.about", "pages.newest_forecast", "pages.job_progress")
    parts += ("pages.whatif_result", "pages.compare_search")
    files = ("pages.job_failures", "pages.import_template", "pages.import_workbook", "pages.days_csv")
    files += ("pages.aspects_csv", "pages.corrections", "pages.job_file")
    parts += ("pages.alert_reviews", "pages.rule_backtest")
    own = [rule for rule in rules if rule.endpoint not in (*parts, *files)]
    return [path for method, path in calls(app, own, ids) if method == "GET"]


def test_the_walk_finds_every_kind_of_id(rules: list[Rule]) -> None:
    names = {name for rule in with_ids(rules) for name in rule.arguments}
    names -= {"share_id", "subscription_id", "view_id"}  # of files, links and views
    assert names == {"alert_id", "rule_id", "product_id", "review_id", "job_id", "upload_id", "run_id", "day"}
    assert len(with_ids(rules)) >= 11


def test_ids_of_another_workspace_are_not_there(
    app: Flask,
    reader: FlaskClient,
    rules: list[Rule],
    theirs: dict[str, Any],
    session: Session,
    outbox: Outbox,
) -> None:
    before = rows_of(session)
    answers = {
        (method, path): reader.open(
            path, method=method, data={"kind": "reviews"} if method == "POST" else None
        )
        for method, path in calls(app, with_ids(rules), theirs)
    }
    assert {key: answer.status_code for key, answer in answers.items()} == dict.fromkeys(answers, 404)
    assert not any(SECRET in answer.text or "评论.csv" in answer.text for answer in answers.values())
    session.expire_all()
    assert rows_of(session) == before
    assert session.get_one(Job, theirs["job_id"]).state == "running"
    assert outbox.sent == []


def test_an_owner_of_one_workspace_is_a_stranger_in_another(
    app: Flask, log_in: LogIn, rules: list[Rule], theirs: dict[str, Any]
) -> None:
    owner = log_in("owner")
    for method, path in calls(app, with_ids(rules), theirs):
        assert owner.open(path, method=method).status_code == 404, (method, path)


def test_our_own_ids_are_there(
    app: Flask, reader: FlaskClient, rules: list[Rule], ours: dict[str, Any]
) -> None:
    """Without this a wrong address in the walk would make every 404 above come true by itself."""
    for method, path in calls(app, with_ids(rules), ours):
        given = {"label": "neutral"} if method == "POST" else None
        status = reader.open(path, method=method, data=given, buffered=True).status_code
        shown = method == "GET" or path.endswith("/shares")  # its link is shown once
        assert status == (200 if shown else 302), (method, path)


def test_lists_show_nothing_of_another_workspace(reader: FlaskClient, theirs: dict[str, Any]) -> None:
    for address in ("/", f"/?q={SECRET[:2]}", "/jobs"):
        page = reader.get(address).text
        assert SECRET not in page
        assert "评论.csv" not in page
        assert str(theirs["job_id"]) not in page


def test_a_stranger_is_sent_to_the_login_whatever_the_id(
    app: Flask, client: FlaskClient, rules: list[Rule], theirs: dict[str, Any]
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    for method, path in calls(app, rules, theirs):
        answer = client.open(path, method=method)
        assert answer.status_code == 302, (method, path)
        assert answer.location.startswith("/login"), (method, path)


def test_a_viewer_reads_every_page_but_changes_and_imports_nothing(
    app: Flask,
    viewer_client: FlaskClient,
    rules: list[Rule],
    ours: dict[str, Any],
    session: Session,
    outbox: Outbox,
) -> None:
    before = rows_of(session)
    analysts = {"/imports/new", f"/imports/{ours['upload_id']}", f"/jobs/{ours['job_id']}/undo"}
    analysts |= {"/labelling", "/labelling/corrections.csv"}
    for method, path in calls(app, rules, ours):
        if path.startswith("/views"):  # everybody's own
            continue
        wanted = 403 if method == "POST" or path in analysts else 200
        answer = viewer_client.open(path, method=method, buffered=True)
        assert answer.status_code == wanted, (method, path)
    assert rows_of(session) == before
    assert outbox.sent == []


def test_every_page_can_be_switched_to_the_other_language_and_stays_where_it_is(
    app: Flask, reader: FlaskClient, rules: list[Rule], ours: dict[str, Any]
) -> None:
    pages = whole_pages(app, rules, ours)
    assert len(pages) >= 6
    for path in pages:
        english = reader.get(f"{path}?lang=en").text
        assert '<html lang="en"' in english, path
        [link] = re.findall(r'href="([^"]+)" lang="zh-CN"', english)
        assert link.partition("?")[0] == path
        chinese = reader.get(link.replace("&amp;", "&")).text
        assert '<html lang="zh-CN"' in chinese, path
        assert "退出" in chinese, path
        assert len(CHINESE.findall(chinese)) > 40, path
        assert f'href="{path}?lang=en" lang="en"' in chinese, path


def test_the_switch_keeps_what_the_reader_had_chosen(reader: FlaskClient, ours: dict[str, Any]) -> None:
    address = f"/products/{ours['product_id']}?days=90&day={LAST}&polarity=negative"
    [link] = re.findall(r'href="([^"]+)" lang="zh-CN"', reader.get(address).text)
    assert {"days=90", f"day={LAST}", "polarity=negative", "lang=zh"} == set(
        link.partition("?")[2].replace("&amp;", "&").split("&")
    )


def test_parts_of_pages_follow_the_language_too(reader: FlaskClient, ours: dict[str, Any]) -> None:
    parts = [f"/jobs/{ours['job_id']}/progress", f"/products/{ours['product_id']}/days/{LAST}"]
    english = [reader.get(path).text for path in parts]
    reader.get("/jobs?lang=zh")
    for path, before in zip(parts, english, strict=True):
        after = reader.get(path).text
        assert len(CHINESE.findall(after)) > len(CHINESE.findall(before)), path


def test_an_error_page_is_in_the_readers_language(reader: FlaskClient) -> None:
    assert "There is nothing" in reader.get("/products/999999").text
    assert '<html lang="zh-CN"' in reader.get("/products/999999?lang=zh").text
    assert "There is nothing" not in reader.get("/products/999999").text
