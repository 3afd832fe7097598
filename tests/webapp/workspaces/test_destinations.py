"""Destinations: kept encrypted, shown masked, only where the vendors are."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from settings import Settings
from storage import destinations
from storage.models import AuditEntry, Destination, Message, Workspace
from storage.sealing import Seal
from tests.webapp.conftest import LogIn

TOKEN = "0123456789abcdefSECRETTOKEN"
DINGTALK = f"https://oapi.dingtalk.com/robot/send?access_token={TOKEN}"


def test_address_and_secret_are_kept_encrypted_and_never_shown(
    log_in: LogIn, session: Session, workspace: Workspace, settings: Settings
) -> None:
    owner = log_in("owner")
    form = {"kind": "dingtalk", "name": "Group", "address": DINGTALK, "secret": "SECxyz", "language": "en"}
    owner.post("/settings/destinations", data=form)
    [row] = destinations.list_destinations(session, workspace.id)
    assert Seal(settings.secret_key).open(row.sealed) == {"address": DINGTALK, "secret": "SECxyz"}
    assert (row.kind, row.name, row.language, row.shown) == (
        "dingtalk",
        "Group",
        "en",
        "oapi.dingtalk.com … OKEN",
    )
    page = owner.get("/settings/destinations").text
    written = " ".join(f"{entry.target} {entry.after}" for entry in session.scalars(select(AuditEntry)))
    for word in (TOKEN, "SECxyz"):
        assert word not in page
        assert word not in written
        assert word not in f"{row.sealed} {row.shown}"
    assert "destination.add" in set(session.scalars(select(AuditEntry.action)))


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("dingtalk", "http://oapi.dingtalk.com/robot/send?access_token=x"),
        ("dingtalk", "https://evil.com/robot/send"),
        ("dingtalk", "https://oapi.dingtalk.com.evil.com/"),
        ("dingtalk", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=x"),
        ("dingtalk", "https://oapi.dingtalk.com@127.0.0.1/"),
        ("wecom", "https://[bad/"),
        ("feishu", "https://open.feishu.cn/钩子"),
        ("webhook", "https://anywhere.example.com/"),
        ("email", "li"),
        ("email", "li@example.com\nBcc: x@example.com"),
        ("email", "li@example.com, (x[.@example.com"),
        ("email", ", ".join(f"p{n}@example.com" for n in range(21))),
    ],
)
def test_addresses_that_are_not_kept(
    log_in: LogIn, session: Session, workspace: Workspace, kind: str, address: str
) -> None:
    form = {"kind": kind, "name": "x", "address": address, "secret": "s"}
    assert log_in("owner").post("/settings/destinations", data=form).status_code == 302
    assert destinations.list_destinations(session, workspace.id) == []


def test_unknown_kinds_are_refused(log_in: LogIn) -> None:
    owner = log_in("owner")
    for form in (
        {"kind": "fax"},
        {"kind": "email", "language": "fr"},
        {"kind": "email", "address": "x" * 501},
    ):
        assert owner.post("/settings/destinations", data=form).status_code == 400


def test_a_test_message_is_queued_and_its_fate_is_shown(
    log_in: LogIn, session: Session, workspace: Workspace
) -> None:
    owner = log_in("owner")
    form = {"kind": "email", "name": "Team", "address": "li@example.com, wang@example.com"}
    owner.post("/settings/destinations", data=form)
    row = session.scalars(select(Destination)).one()
    owner.post(f"/settings/destinations/{row.id}/test")
    message = session.scalars(select(Message)).one()
    assert message.body == {"test": True}
    assert "waiting" in owner.get("/settings/destinations?lang=en").text
    message.error = "refused with 310000: sign not match"
    session.commit()
    page = owner.get("/settings/destinations").text
    assert "not taken" in page
    assert "310000" in page
    owner.post(f"/settings/destinations/{row.id}/remove")
    assert session.scalars(select(Message)).all() == []


def test_only_owners_see_and_change_destinations(log_in: LogIn, app: Flask, session: Session) -> None:
    for role in ("viewer", "analyst"):
        client = log_in(role)
        assert client.get("/settings/destinations").status_code == 403
        assert client.post("/settings/destinations", data={}).status_code == 403
        assert client.post("/settings/destinations/1/test").status_code == 403
        assert client.post("/settings/destinations/1/remove").status_code == 403
