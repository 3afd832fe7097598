import logging
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from storage import accounts
from storage.link_mails import PURPOSE
from storage.models import Invitation, Workspace
from storage.sealing import Seal
from tests.webapp import factories
from tests.webapp.conftest import LogIn, member
from tests.webapp.pages.factories import make_job

SECRET = "别人的秘密物流很慢"


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
