import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from settings import Settings
from storage import snapshots
from storage.models import AuditEntry, Export, Job, Product, Share, Snapshot, Workspace
from tests.webapp.conftest import LogIn
from tests.webapp.outbox import Outbox
from tests.webapp.pages.factories import TEXTS, make_backtest, make_forecast, make_product
from webapp.auth.tokens import hash_token
from webapp.enqueue import EXPORT_FILE


@pytest.fixture
def reported(session: Session, product: Product) -> Product:
    make_forecast(session, product)
    make_backtest(session, product)
    session.commit()
    return product


def export(client: FlaskClient, product: Product, **form: str) -> Any:
    return client.post(f"/products/{product.id}/exports", data=form)


def finish(session: Session, settings: Settings, body: bytes = b"PK") -> Export:
    """Do what a worker does of the newest export."""
    row = session.scalars(select(Export).order_by(Export.id.desc()).limit(1)).one()
    row.path, row.size, row.sha256 = f"{row.workspace_id}/a.{row.format}", len(body), "ab"
    session.get_one(Job, row.job_id).state = "succeeded"
    (settings.exports_dir / str(row.workspace_id)).mkdir(parents=True, exist_ok=True)
    (settings.exports_dir / row.path).write_bytes(body)
    session.commit()
    return row


def share(client: FlaskClient, product: Product, **asked: str) -> str:
    """Open a link; return its address."""
    page = client.post(f"/products/{product.id}/shares", data={"lives": "30"} | asked).text
    return "/share/" + page.split('<code id="link">')[1].split("/share/")[1].split("<")[0]


@pytest.mark.parametrize("format", ["xlsx", "pdf"])
def test_an_export_is_a_job_with_a_file(
    log_in: LogIn,
    viewer_client: FlaskClient,
    session: Session,
    reported: Product,
    settings: Settings,
    outbox: Outbox,
    format: str,
) -> None:
    answer = export(log_in("analyst"), reported, format=format, days="30")
    row = session.scalars(select(Export)).one()
    assert (answer.status_code, answer.location) == (302, f"/jobs/{row.job_id}")
    assert (row.format, row.language, row.name) == (format, "zh", f"空气炸锅 5L-2026-11-20.{format}")
    assert [task for task, *_ in outbox.sent] == [EXPORT_FILE]
    assert viewer_client.get(f"/jobs/{row.job_id}/file").status_code == 404
    assert f"/jobs/{row.job_id}/file" not in viewer_client.get(f"/jobs/{row.job_id}").text
    finish(session, settings)
    page = viewer_client.get(f"/jobs/{row.job_id}").text
    assert f"/jobs/{row.job_id}/file" in page
    assert ("<dt>文件</dt><dd>2 B</dd>" in page, "行数" in page) == (True, False)
    got = viewer_client.get(f"/jobs/{row.job_id}/file", buffered=True)
    assert (got.status_code, got.data) == (200, b"PK")
    assert "attachment" in got.headers["Content-Disposition"]
    assert f"/jobs/{row.job_id}/file" in viewer_client.get(f"/products/{reported.id}/exports").text


def test_the_snapshot_has_the_figures_of_the_page(
    reader: FlaskClient, session: Session, reported: Product
) -> None:
    export(reader, reported, days="90")
    figures = snapshots.figures_of(session.scalars(select(Snapshot)).one())
    page = reader.get(f"/products/{reported.id}?days=90").text
    now = figures["kpis"]["current"]
    assert figures["period"] == {"start": "2026-08-23", "end": "2026-11-20"}
    assert f"{now['units']:,.0f}" in page
    assert f"n = {now['scored']}" in page
    total = sum(point[1] for point in figures["forecast"]["points"])
    assert f"{total:,.0f}" in page
    assert all(clause in page for clause in figures["conclusion"])
    assert "sold in 90 days" in figures["conclusion"][0]


def test_what_cannot_be_exported_is_refused(
    reader: FlaskClient, session: Session, workspace: Workspace, reported: Product
) -> None:
    assert export(reader, reported, format="exe").status_code == 400
    empty = make_product(session, workspace.id, "empty")
    session.commit()
    assert export(reader, empty).status_code == 409
    assert session.scalars(select(Export)).all() == []


def test_the_overview_is_exported_too(reader: FlaskClient, session: Session) -> None:
    answer = reader.post("/exports")
    row = session.scalars(select(Export)).one()
    assert answer.location == f"/jobs/{row.job_id}"
    assert (row.snapshot_id, row.format) == (None, "xlsx")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_page_without_files_and_links_says_how(
    reader: FlaskClient, reported: Product, language: str
) -> None:
    page = reader.get(f"/products/{reported.id}/exports?lang={language}").text
    assert ("No file yet" if language == "en" else "还没有文件") in page
    assert ("No open link" if language == "en" else "没有开放的链接") in page


def test_a_link_shows_the_frozen_report_without_a_login(
    reader: FlaskClient, client: FlaskClient, session: Session, reported: Product
) -> None:
    address = share(reader, reported)
    kept = session.scalars(select(Share)).one()
    assert kept.token_hash == hash_token(address.removeprefix("/share/"))
    page = client.get(address)
    assert page.status_code == 200
    assert page.headers["X-Robots-Tag"].startswith("noindex")
    for said in ("空气炸锅 5L", "2026-11-20", kept.snapshot.hash, "test-1", "模型对比"):
        assert said in page.text
    english = client.get(f"{address}?lang=en").text
    assert "Sales up to" in english
    assert '"number">否<' in page.text, "promotion and stock-out are told in words"
    assert '"number">No<' in english
    assert [text for text in TEXTS.values() if text[:6] in page.text] == []
    assert address not in reader.get(f"/products/{reported.id}/exports").text, "it is shown once"


def test_files_and_links_hold_the_days_that_the_reader_saw(
    reader: FlaskClient, session: Session, reported: Product
) -> None:
    report = reader.get(f"/products/{reported.id}?days=7&compare=year").text
    [address] = set(re.findall(rf'href="(/products/{reported.id}/exports[^"]*)"', report))
    assert "days=7" in address
    page = reader.get(address.replace("&amp;", "&")).text
    form = page.split(f'action="/products/{reported.id}/shares"')[1].split("</form>")[0]
    asked = dict(re.findall(r'name="(\w+)" value="(\w+)"', form))
    assert asked["days"] == "7"
    share(reader, reported, **{name: asked[name] for name in asked if name != "csrf_token"})
    period = snapshots.figures_of(session.scalars(select(Snapshot)).one())["period"]
    assert date.fromisoformat(period["end"]) - date.fromisoformat(period["start"]) == timedelta(days=6)
    assert f"{period['start']} – {period['end']}" in page


def test_somebody_of_another_workspace_sees_it_too(
    reader: FlaskClient, log_in: Any, session: Session, reported: Product, stranger_workspace: Workspace
) -> None:
    from storage import accounts

    address = share(reader, reported)
    theirs = log_in("owner")
    person = accounts.find_user(session, "owner@example.com")
    assert person is not None
    accounts.set_membership(session, stranger_workspace.id, person.id, "owner")
    with theirs.session_transaction() as cookie:
        cookie["workspace_id"] = stranger_workspace.id
    session.commit()
    assert theirs.get(address).status_code == 200


def test_a_link_that_was_taken_back_or_expired_opens_nothing(
    reader: FlaskClient, client: FlaskClient, session: Session, reported: Product
) -> None:
    first, second = share(reader, reported), share(reader, reported)
    gone, old = session.scalars(select(Share).order_by(Share.id))
    reader.post(f"/shares/{gone.id}/revoke")
    old.expires_at = datetime.now(UTC) - timedelta(days=1)
    session.commit()
    assert [client.get(address).status_code for address in (first, second, "/share/x")] == [404] * 3


def test_viewers_make_no_files_and_open_no_links(viewer_client: FlaskClient, reported: Product) -> None:
    for what in ("shares", "exports", "subscriptions"):
        assert viewer_client.post(f"/products/{reported.id}/{what}").status_code == 403
    for address in (f"/products/{reported.id}/exports", "/exports"):
        assert 'method="post"' not in viewer_client.get(address).text.split("<main")[1]


def test_links_are_in_the_audit_log(reader: FlaskClient, session: Session, reported: Product) -> None:
    share(reader, reported)
    opened = session.scalars(select(Share)).one()
    reader.post(f"/shares/{opened.id}/revoke")
    export(reader, reported)
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.place)).all()
    assert [action for action in actions if action.startswith(("share", "export"))] == [
        *("share.create", "share.revoke", "export.start")
    ]


def test_a_link_has_a_life_that_is_offered(reader: FlaskClient, reported: Product) -> None:
    assert reader.post(f"/products/{reported.id}/shares", data={"lives": "9999"}).status_code == 400
