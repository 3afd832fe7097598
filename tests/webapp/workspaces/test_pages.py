"""The settings pages: who sees them, what they change, in both languages."""

import html
import logging
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from storage import accounts, sign_ins
from storage.link_mails import PURPOSE
from storage.models import AuditEntry, Invitation, Review, User, Webhook, Workspace
from storage.recovery_codes import count_codes
from storage.sealing import Seal
from tests.webapp import factories
from tests.webapp.conftest import PASSWORD, LogIn
from tests.webapp.pages.factories import make_job
from webapp.auth.recovery import COUNT, use
from webapp.auth.second import picture_of
from webapp.auth.throttle import MAX_BY_EMAIL

OWNERS_PAGES = tuple(
    f"/settings/{name}" for name in ("members", "tokens", "destinations", "webhooks", "privacy", "audit")
)
SECRET = "别人的秘密物流很慢"


def member(session: Session, email: str) -> User:
    found = accounts.find_user(session, email)
    assert found is not None
    return found


@pytest.mark.parametrize("path", [*OWNERS_PAGES, "/settings/security", "/settings/looks"])
def test_pages_are_whole_in_both_languages(log_in: LogIn, path: str) -> None:
    owner = log_in("owner")
    assert '<html lang="zh-CN"' in owner.get(path).text
    english = owner.get(f"{path}?lang=en")
    assert english.status_code == 200
    assert not re.search(r"[\u4e00-\u9fff]", english.text.replace("中文", ""))


def test_a_button_does_not_borrow_the_word_of_a_comparison(log_in: LogIn) -> None:
    page = log_in("owner").get("/settings/security").text
    assert "修改密码" in page
    assert "环比" not in page


def test_only_owners_manage(log_in: LogIn) -> None:
    for role in ("viewer", "analyst"):
        client = log_in(role)
        assert {client.get(path).status_code for path in OWNERS_PAGES} == {403}
        assert client.post("/settings/members/invite").status_code == 403
        assert client.post("/settings/tokens").status_code == 403
        assert client.post("/settings/texts").status_code == 403
        assert client.get("/settings/security").status_code == 200


def test_an_invitation_is_shown_once_and_works(log_in: LogIn, app: Flask) -> None:
    owner = log_in("owner")
    page = owner.post("/settings/members/invite", data={"email": "wu@example.com", "role": "viewer"}).text
    [link] = re.findall(r'id="link">http://localhost(/join/[^<]+)<', page)
    assert link not in owner.get("/settings/members").text
    assert app.test_client().post(link, data={"password": "a good long password"}).status_code == 302


def with_mail(app: Flask, **more: str) -> None:
    server = {"smtp_url": "smtp://localhost:1", "mail_from": "fp@example.com", **more}
    app.extensions["settings"] = replace(app.extensions["settings"], **server)


@pytest.mark.parametrize(
    ("public", "root"), [("", "http://localhost"), ("https://fp.example.com", "https://fp.example.com")]
)
def test_an_invitation_is_mailed_where_there_is_a_server(
    log_in: LogIn, app: Flask, session: Session, public: str, root: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing listens there: the request asks no server, the workers do."""
    owner = log_in("owner")
    with_mail(app, public_url=public)
    owner.get("/login?lang=en")
    with caplog.at_level(logging.DEBUG):
        page = owner.post("/settings/members/invite", data={"email": "wu@example.com", "role": "viewer"}).text
    assert "on its way to wu@example.com" in page
    [word] = re.findall(r'id="link">http://localhost/join/([^<]+)<', page)
    row = session.scalars(select(Invitation)).one()
    opened = Seal(app.extensions["settings"].secret_key, PURPOSE).open(row.letter)
    assert opened == {"link": f"{root}/join/{word}", "language": "en"}
    for table in ("invitations", "audit_entries"):
        assert word not in str(session.execute(text(f"SELECT t::text FROM {table} AS t")).all())
    assert word not in caplog.text
    assert "the mail waits" in owner.get("/settings/members").text
    row.mail_error = "TimeoutError"
    session.commit()
    assert "TimeoutError · next try" in owner.get("/settings/members").text
    row.letter, row.mail_error, row.mailed_at = "", "", datetime.now(UTC)
    session.commit()
    assert "mailed at" in owner.get("/settings/members").text


@pytest.mark.parametrize(
    "email", ["wu", "wu@example.com, li@example.com", "wu@example.com\nBcc: x@y.z", "@", '"@example.com']
)
def test_only_one_address_is_invited(log_in: LogIn, session: Session, email: str) -> None:
    owner = log_in("owner")
    assert owner.post("/settings/members/invite", data={"email": email, "role": "viewer"}).status_code == 302
    assert session.scalars(select(Invitation)).all() == []


def test_without_a_server_nothing_waits_to_be_mailed(log_in: LogIn, session: Session) -> None:
    owner = log_in("owner")
    owner.get("/login?lang=en")
    page = owner.post("/settings/members/invite", data={"email": "wu@example.com", "role": "viewer"}).text
    assert "Send this link to wu@example.com" in page
    assert session.scalars(select(Invitation)).one().letter == ""


def test_a_workspace_keeps_an_owner(log_in: LogIn, session: Session, workspace: Workspace) -> None:
    owner = log_in("owner")
    me = member(session, "owner@example.com")
    for role in ("viewer", "none"):
        owner.post(f"/settings/members/{me.id}", data={"role": role})
    session.expire_all()
    kept = accounts.get_membership(session, workspace.id, me.id)
    assert kept is not None
    assert kept.role == "owner"


def test_members_change_and_leave(log_in: LogIn, session: Session, workspace: Workspace) -> None:
    owner, viewer = log_in("owner"), log_in("viewer")
    them = member(session, "viewer@example.com")
    owner.post(f"/settings/members/{them.id}", data={"role": "analyst"})
    assert viewer.get("/imports/new").status_code == 200
    owner.post(f"/settings/members/{them.id}", data={"role": "none"})
    assert viewer.get("/imports/new").status_code == 403
    assert owner.post(f"/settings/members/{them.id}", data={"role": "viewer"}).status_code == 404


def test_a_token_is_shown_once_scoped_expiring_and_revoked(log_in: LogIn, client: FlaskClient) -> None:
    owner = log_in("owner")
    wish = {"name": "bi", "role": "analyst", "days": "30", "scope": ["jobs"]}
    [secret] = re.findall(r'id="secret">(fp_[^<]+)<', owner.post("/settings/tokens", data=wish).text)
    page = owner.get("/settings/tokens").text
    assert secret not in page
    header = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/jobs", headers=header).status_code == 200
    refused = client.get("/api/v1/products", headers=header)
    assert (refused.status_code, refused.mimetype) == (403, "application/problem+json")
    [path] = re.findall(r'action="(/settings/tokens/\d+/revoke)"', page)
    owner.post(path)
    assert client.get("/api/v1/jobs", headers=header).status_code == 401
    assert owner.post("/settings/tokens", data=wish | {"scope": ["nothing"]}).status_code == 400
    assert owner.post("/settings/tokens", data=wish | {"days": "9999"}).status_code == 400


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


def test_viewers_kept_from_reviews_find_no_word_of_one_anywhere(
    app: Flask, log_in: LogIn, session: Session, workspace: Workspace, bearer: Any
) -> None:
    product = factories.product(session, workspace)
    mention = [{"category": "物流", "opinion": SECRET, "polarity": "negative"}]
    review = factories.review(
        session, product, text=SECRET, title=SECRET, label="negative", keywords=[SECRET], aspects=mention
    )
    job = make_job(session, workspace.id, result={"results": [SECRET]}, params={"texts": [SECRET]})
    session.commit()
    day = review.day.isoformat()
    pages = [f"/products/{product.id}", f"/products/{product.id}/days/{day}", f"/jobs/{job.id}"]
    calls = [f"/api/v1/products/{product.id}/reviews", f"/api/v1/jobs/{job.id}/errors.csv"]
    calls += [f"/api/v1/products/{product.id}/digest", f"/api/v1/jobs/{job.id}/result"]
    viewer, header = log_in("viewer"), bearer("viewer")
    assert SECRET in viewer.get(pages[1]).text
    log_in("owner").post("/settings/texts", data={})
    for path in pages:
        assert SECRET not in strip_keywords(viewer.get(path).text), path
    for path in calls:
        assert SECRET not in app.test_client().get(path, headers=header).text, path
    seen = app.test_client().get(calls[0], headers=header).json["items"][0]
    assert (seen["label"], seen["text"], seen["aspects"]) == (
        "negative",
        "",
        [{"category": "物流", "polarity": "negative"}],
    )
    assert SECRET in app.test_client().get(calls[0], headers=bearer("analyst")).text


def strip_keywords(page: str) -> str:
    """Leave out counted words: an aggregate that viewers keep."""
    return re.sub(r'<section class="card" id="keywords">.*?</section>', "", page, flags=re.DOTALL)


def test_a_shopper_is_erased_with_a_receipt_in_the_audit_log(
    log_in: LogIn, session: Session, workspace: Workspace
) -> None:
    owner = log_in("owner")
    factories.review(session, factories.product(session, workspace), text=SECRET, user_key="buyer-1")
    wish = {"kind": "shopper", "name": "buyer-1"}
    owner.post("/settings/privacy/erase", data=wish)
    assert session.scalar(select(func.count()).select_from(Review)) == 1, "not unless they are sure"
    page = owner.post("/settings/privacy/erase", data=wish | {"sure": "yes"}).text
    [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == "erase.shopper"))
    assert entry.hash in page
    assert entry.after is not None
    assert entry.after["rows"]["reviews"] == 1
    assert "buyer-1" not in entry.target
    assert session.scalar(select(func.count()).select_from(Review)) == 0


def test_nothing_found_of_a_shopper_is_said_instead_of_an_empty_receipt(
    log_in: LogIn, session: Session, workspace: Workspace
) -> None:
    owner = log_in("owner")
    wish = {"kind": "shopper", "name": "nobody", "sure": "yes"}
    page = owner.post("/settings/privacy/erase?lang=zh", data=wish).text
    assert "没有找到" in page
    [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == "erase.shopper"))
    assert entry.hash not in page


def test_a_product_is_erased_by_the_api(
    client: FlaskClient, bearer: Any, session: Session, workspace: Workspace
) -> None:
    product = factories.product(session, workspace)
    path = f"/api/v1/products/{product.id}"
    assert client.post(f"{path}/erase", headers=bearer("analyst")).status_code == 403
    receipt = client.post(f"{path}/erase", headers=bearer("owner")).json
    assert receipt["rows"]["products"] == 1
    assert len(receipt["hash"]) == 64
    assert client.get(path, headers=bearer("owner")).status_code == 404


def test_retention_is_set_and_checked(log_in: LogIn, session: Session, workspace: Workspace) -> None:
    owner = log_in("owner")
    owner.post("/settings/privacy/retention", data={"reviews": "730", "uploads": ""})
    session.refresh(workspace)
    assert workspace.retention == {"reviews": 730}
    for wrong in ("0", "x", "-5"):
        owner.post("/settings/privacy/retention", data={"reviews": wrong})
    session.refresh(workspace)
    assert workspace.retention == {"reviews": 730}


def test_a_webhook_is_added_and_removed(app: Flask, log_in: LogIn, session: Session) -> None:
    owner = log_in("owner")
    told = owner.post("/settings/webhooks", data={"url": "https://hooks.example.com/"}, follow_redirects=True)
    assert "WEBHOOK_HOSTS" in told.text
    app.extensions["settings"] = replace(app.extensions["settings"], webhook_hosts=("hooks.example.com",))
    for wrong in ("http://hooks.example.com/", "https://hooks.example.org/", "https://[", "x"):
        told = owner.post("/settings/webhooks", data={"url": wrong}, follow_redirects=True)
        assert "hooks.example.com" in told.text
    assert owner.post("/settings/webhooks", data={"url": "https://" + "a" * 500}).status_code == 400
    assert session.scalars(select(Webhook)).all() == []
    page = owner.post("/settings/webhooks", data={"url": "https://hooks.example.com/in"}).text
    [hook] = session.scalars(select(Webhook)).all()
    assert hook.secret in page
    assert hook.secret not in owner.get("/settings/webhooks").text
    owner.post(f"/settings/webhooks/{hook.id}/remove")
    assert session.scalars(select(Webhook)).all() == []
