from dataclasses import replace
from datetime import UTC, datetime

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from storage import accounts
from storage.models import User
from storage.sealing import Seal
from tests.webapp.auth.conftest import SECRET, send
from tests.webapp.auth.test_views import log_in
from webapp.auth.second import matching_step, secret_of
from webapp.auth.throttle import MAX_BY_EMAIL


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_the_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    """The values of RFC 6238, appendix B, cut to six digits."""
    assert matching_step(SECRET, code, at(seconds)) == seconds // 30
    assert matching_step(SECRET, f"{code[:3]} {code[3:]}", at(seconds)) == seconds // 30


def test_a_clock_may_be_a_step_off_and_no_more() -> None:
    assert [matching_step(SECRET, "287082", at(59 + off)) for off in (-30, 0, 30, 60)] == [1, 1, 1, None]


@pytest.mark.parametrize("code", ["", "28708", "2870822", "28708x", "２８７０８２"])
def test_what_is_no_code_is_none(code: str) -> None:
    assert matching_step(SECRET, code, at(59)) is None
    assert matching_step("", "287082", at(59)) is None


def test_the_password_alone_opens_nothing(client: FlaskClient, guarded: User) -> None:
    assert log_in(client).location == "/login/code"
    assert client.get("/api/v1/jobs").status_code == 401
    assert send(client, "000000") == 401
    assert client.get("/api/v1/jobs").status_code == 401


def test_password_and_code_do_and_a_code_does_once(client: FlaskClient, guarded: User) -> None:
    code = pyotp.TOTP(SECRET).now()
    log_in(client, next="/jobs")
    assert send(client, code) == 302
    assert client.get("/api/v1/jobs").status_code == 200
    other = client.application.test_client()
    log_in(other)
    assert send(other, code) == 401


def test_a_code_needs_a_password_before(client: FlaskClient, guarded: User) -> None:
    assert client.get("/login/code").location == "/login"
    client.application.config["WTF_CSRF_ENABLED"] = False
    assert client.post("/login/code", data={"code": pyotp.TOTP(SECRET).now()}).location == "/login"


def test_guessing_codes_is_stopped(client: FlaskClient, guarded: User, session: Session) -> None:
    log_in(client)
    for _ in range(MAX_BY_EMAIL):
        accounts.record_login(session, guarded.email, "10.0.0.1", False)
    session.commit()
    assert send(client, pyotp.TOTP(SECRET).now()) == 429


def test_a_secret_is_stored_encrypted_and_for_this_purpose_alone(app: Flask, guarded: User) -> None:
    sealed = guarded.totp_sealed or ""
    assert SECRET not in sealed
    with app.app_context():
        assert secret_of(guarded) == SECRET
        guarded.totp_sealed = Seal(app.extensions["settings"].secret_key).close({"secret": SECRET})
        assert secret_of(guarded) == "", "what was sealed for a destination is no second factor"
        guarded.totp_sealed = None
        assert secret_of(guarded) == ""


def test_a_secret_of_another_key_opens_nothing(
    app: Flask, client: FlaskClient, guarded: User, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    settings = app.extensions["settings"]
    app.extensions["settings"] = replace(settings, secret_key="another " * 4)
    log_in(client)
    assert send(client, pyotp.TOTP(SECRET).now()) == 401
    assert f"second factor of user {guarded.id} was encrypted with another SECRET_KEY" in caplog.text
    app.extensions["settings"] = settings
    assert send(client, pyotp.TOTP(SECRET).now()) == 302
