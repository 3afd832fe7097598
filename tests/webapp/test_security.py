import pytest
from flask import Flask
from flask.testing import FlaskClient

from settings import Settings
from webapp import create_app
from webapp.security import CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("path", ["/login", "/healthz", "/api/v1/jobs", "/api/v1/openapi.json", "/nothing"])
def test_headers_are_on_every_answer(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_the_policy_allows_no_inline_code_and_no_frame() -> None:
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "frame-ancestors 'none'" in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY


def test_private_answers_are_not_stored_but_assets_may_be(app: Flask, client: FlaskClient) -> None:
    assert client.get("/api/v1/jobs").headers["Cache-Control"] == "no-store"
    with client.get("/api/v1/docs/static/docs.js") as asset:
        assert asset.status_code == 200
        assert "no-store" not in asset.headers.get("Cache-Control", "")


def test_https_is_remembered_only_where_it_is_used(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/healthz").headers
    assert "Strict-Transport-Security" in client.get("/healthz", base_url="https://localhost").headers


@pytest.mark.parametrize("secure", [True, False])
def test_cookies_are_secure_where_the_settings_say_so(settings: Settings, secure: bool) -> None:
    env = {"DATABASE_URL": settings.database_url, "SECRET_KEY": "test " * 8, "SECURE_COOKIES": str(secure)}
    app = create_app(Settings.from_env(env))
    cookie = app.test_client().get("/login", base_url="https://localhost").headers["Set-Cookie"]
    assert ("Secure" in cookie) is secure
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
