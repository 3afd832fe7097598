import html
import re

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import accounts, sign_ins
from storage.models import AuditEntry, Workspace
from storage.recovery_codes import count_codes
from tests.webapp.conftest import PASSWORD, LogIn, member
from webapp.auth.recovery import COUNT, use
from webapp.auth.second import picture_of
from webapp.auth.throttle import MAX_BY_EMAIL


def test_a_changed_password_ends_the_other_sessions(log_in: LogIn, app: Flask) -> None:
    here, there = log_in("viewer"), app.test_client()
    there.post("/login", data={"email": "viewer@example.com", "password": PASSWORD})
    word = cookie_of(here)
    assert (
        here.post("/settings/security/password", data={"password": "x", "new": "y" * 12}).status_code == 401
    )
    here.post("/settings/security/password", data={"password": PASSWORD, "new": "y" * 12})
    assert (here.get("/jobs").status_code, there.get("/jobs").status_code) == (200, 302)
    assert cookie_of(here) != word


def cookie_of(client: FlaskClient) -> str:
    with client.session_transaction() as cookie:
        return str(cookie["_user_id"])


def test_a_copied_cookie_is_worth_nothing_after_logging_out(log_in: LogIn, app: Flask) -> None:
    client, thief = log_in("viewer"), app.test_client()
    copied = cookie_of(client)
    with thief.session_transaction() as cookie:
        cookie["_user_id"] = copied
        cookie["_fresh"] = True
    assert thief.get("/jobs").status_code == 200
    client.post("/logout")
    assert thief.get("/jobs").status_code == 302


def test_logging_in_again_rotates_the_session(log_in: LogIn) -> None:
    client = log_in("viewer")
    before = cookie_of(client)
    client.post("/login", data={"email": "viewer@example.com", "password": PASSWORD})
    assert cookie_of(client) != before


def test_logging_out_everywhere(log_in: LogIn, app: Flask, session: Session) -> None:
    here, there = log_in("viewer"), app.test_client()
    there.post("/login", data={"email": "viewer@example.com", "password": PASSWORD})
    assert len(sign_ins.list_sign_ins(session, member(session, "viewer@example.com").id)) == 2
    here.post("/settings/security/leave")
    assert (here.get("/jobs").status_code, there.get("/jobs").status_code) == (302, 302)


def test_the_second_factor_is_turned_on_by_a_code_and_off_by_the_password(
    log_in: LogIn, session: Session
) -> None:
    client = log_in("viewer")
    [key] = re.findall(r'id="key">([A-Z2-7]{32})<', client.get("/settings/security").text)
    assert client.post("/settings/security/second", data={"code": "000000"}).status_code == 400
    shown = codes_on(client.post("/settings/security/second", data={"code": pyotp.TOTP(key).now()}).text)
    assert len(shown) == COUNT
    session.expire_all()
    user = member(session, "viewer@example.com")
    assert key not in (user.totp_sealed or key)
    page = client.get("/settings/security").text
    assert key not in page
    assert codes_on(page) == [], "they are shown once"
    assert client.post("/settings/security/second/off", data={"password": "x"}).status_code == 401
    client.post("/settings/security/second/off", data={"password": PASSWORD})
    session.expire_all()
    assert (user.totp_sealed, count_codes(session, user.id)) == (None, 0)


def test_the_key_of_a_second_factor_is_a_picture_within_the_page(log_in: LogIn) -> None:
    """No other request carries the key, nothing keeps the page, and no inline style needs an exception."""
    client = log_in("viewer")
    answer = client.get("/settings/security?lang=en")
    [address] = re.findall(r'href="(otpauth:[^"]+)"', answer.text)
    drawn = str(picture_of(html.unescape(address)))
    assert drawn in answer.text
    assert drawn.startswith("<svg")
    assert not re.search(r"style=|<script|<image|href=", drawn)
    assert answer.headers["Cache-Control"] == "no-store"
    [key] = re.findall(r'id="key">([A-Z2-7]{32})<', answer.text)
    assert [url for url in re.findall(r'(?:src|hx-get|action)="([^"]*)"', answer.text) if key in url] == []
    client.post("/settings/security/second", data={"code": pyotp.TOTP(key).now()})
    assert "<svg" not in client.get("/settings/security").text.split("<main")[1]


def codes_on(page: str) -> list[str]:
    return re.findall(r"<code>([a-z2-7]{4}(?:-[a-z2-7]{4}){3})</code>", page)


def test_new_recovery_codes_need_the_password_and_replace_all(
    log_in: LogIn, session: Session, workspace: Workspace
) -> None:
    client, where = log_in("viewer"), "/settings/security/second/codes"
    assert client.post(where, data={"password": PASSWORD}).status_code == 409, "there is no second factor"
    [key] = re.findall(r'id="key">([A-Z2-7]{32})<', client.get("/settings/security").text)
    old = codes_on(client.post("/settings/security/second", data={"code": pyotp.TOTP(key).now()}).text)
    assert client.post(where, data={"password": "x"}).status_code == 401
    assert client.post(where).status_code == 401
    new = codes_on(client.post(where, data={"password": PASSWORD}).text)
    assert len(new) == COUNT
    assert not set(new) & set(old)
    user = member(session, "viewer@example.com")
    assert [use(session, user, code) for code in (*old, new[0])] == [False] * COUNT + [True]
    acts = session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("second_factor")))
    assert acts.all() == ["second_factor.on", "second_factor.codes"]
    session.commit()
    for _ in range(MAX_BY_EMAIL):
        accounts.record_login(session, user.email, "10.0.0.1", False)
    session.commit()
    assert client.post(where, data={"password": PASSWORD}).status_code == 429
    assert "9 of 10 are left" in client.get("/settings/security?lang=en").text


def test_a_second_factor_of_another_key_says_what_to_do(log_in: LogIn, session: Session) -> None:
    client = log_in("viewer")
    member(session, "viewer@example.com").totp_sealed = "of another key"
    session.commit()
    assert "off and on again" in client.get("/settings/security?lang=en").text
    assert "关闭后重新开启" in client.get("/settings/security?lang=zh").text
