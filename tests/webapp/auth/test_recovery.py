import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import accounts
from storage.models import AuditEntry, RecoveryCode, User, Workspace
from storage.recovery_codes import count_codes
from tests.webapp.auth.conftest import send
from tests.webapp.auth.test_views import log_in
from tests.webapp.conftest import PASSWORD
from webapp.auth.passwords import hash_password
from webapp.auth.recovery import COUNT, hash_code, make_codes, use
from webapp.auth.throttle import MAX_BY_EMAIL


def test_codes_are_ten_random_ones_and_stored_as_hashes(
    session: Session, guarded: User, codes: list[str]
) -> None:
    assert len(set(codes)) == COUNT == 10
    assert all(re.fullmatch(r"[a-z2-7]{4}(-[a-z2-7]{4}){3}", code) for code in codes)
    kept = session.scalars(select(RecoveryCode.code_hash)).all()
    assert set(kept) == {hash_code(code) for code in codes}
    assert all(re.fullmatch("[0-9a-f]{64}", one) for one in kept)


@pytest.mark.parametrize("typed", ["{}", " {} ", "UPPER", "bare", "spaced"])
def test_a_code_may_be_typed_as_people_type(
    session: Session, guarded: User, codes: list[str], typed: str
) -> None:
    ways = {
        "UPPER": codes[0].upper(),
        "bare": codes[0].replace("-", ""),
        "spaced": codes[0].replace("-", " "),
    }
    assert use(session, guarded, ways.get(typed, typed.format(codes[0])))


@pytest.mark.parametrize("code", ["", "-", "aaaa-bbbb-cccc-dddd", "0", "x" * 9999, "码" * 16, "a\x00b"])
def test_what_is_no_code_is_refused(session: Session, guarded: User, codes: list[str], code: str) -> None:
    assert not use(session, guarded, code)
    assert count_codes(session, guarded.id) == COUNT


def test_a_code_opens_once_and_says_how_many_are_left(
    client: FlaskClient, session: Session, guarded: User, codes: list[str], workspace: Workspace
) -> None:
    log_in(client, next="/jobs")
    assert send(client, codes[3]) == 302
    assert "9" in re.findall(r"(?:还剩|; )\D*(\d+)", client.get("/jobs").text)
    entries = select(AuditEntry).where(AuditEntry.action.startswith("second_factor"))
    [entry] = session.scalars(entries.where(AuditEntry.workspace_id == workspace.id))
    assert (entry.action, entry.actor, entry.after) == (
        "second_factor.recovery",
        guarded.email,
        {"codes_left": 9},
    )
    thief = client.application.test_client()
    log_in(thief)
    assert send(thief, codes[3]) == 401
    assert thief.get("/api/v1/jobs").status_code == 401
    assert send(thief, codes[4]) == 302


def test_a_code_needs_a_password_before(client: FlaskClient, codes: list[str]) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = False
    assert client.post("/login/code", data={"code": codes[0]}).location == "/login"
    assert client.post("/login", data={"email": "li@example.com", "password": codes[0]}).status_code == 401


def test_a_code_of_somebody_else_opens_nothing_and_stays_theirs(
    client: FlaskClient, session: Session, guarded: User, codes: list[str], workspace: Workspace
) -> None:
    other = accounts.create_user(session, "wang@example.com", hash_password(PASSWORD))
    accounts.set_membership(session, workspace.id, other.id, "owner")
    theirs = make_codes(session, other)
    session.commit()
    log_in(client)
    assert send(client, theirs[0]) == 401
    assert count_codes(session, other.id) == COUNT
    assert send(client, codes[0]) == 302


def test_guessing_is_stopped_even_with_a_right_code(
    client: FlaskClient, session: Session, guarded: User, codes: list[str]
) -> None:
    log_in(client)
    for number in range(MAX_BY_EMAIL):
        assert send(client, f"aaaa-aaaa-aaaa-aa{number:02}") == 401
    assert send(client, codes[0]) == 429
    assert count_codes(session, guarded.id) == COUNT


def test_a_code_opens_though_the_key_of_the_server_is_another_one(
    app: Flask, client: FlaskClient, codes: list[str]
) -> None:
    log_in(client)
    app.extensions["settings"] = replace(app.extensions["settings"], secret_key="another " * 4)
    assert send(client, codes[0]) == 302


def test_both_ways_are_offered_in_both_languages(client: FlaskClient, guarded: User) -> None:
    log_in(client)
    page = client.get("/login/code?lang=zh").text
    assert "恢复码" in page
    assert page.count('name="code"') == 2
    english = client.get("/login/code?lang=en").text
    assert "One of your recovery codes" in english
    assert not re.search(r"[\u4e00-\u9fff]", english.replace("中文", ""))
