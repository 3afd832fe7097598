"""What `webapp/__init__.py` composes."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from flask import Flask, request
from flask.cli import NoAppException
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from settings import Settings
from storage import accounts
from storage.models import Job, Workspace
from tests.webapp.outbox import Outbox
from webapp import FORM_OVERHEAD_BYTES, create_app
from webapp.auth.tokens import generate_token, hash_token


def test_overrides_go_before_settings(settings: Settings, outbox: Outbox) -> None:
    app = create_app(settings, SENDER=outbox, MAX_CONTENT_LENGTH=1)
    assert app.config["MAX_CONTENT_LENGTH"] == 1
    assert app.extensions["sender"] is outbox


def test_settings_set_the_limits(settings: Settings) -> None:
    app = create_app(replace(settings, max_upload_bytes=1000))
    assert app.config["MAX_CONTENT_LENGTH"] == 1000 + FORM_OVERHEAD_BYTES
    assert app.config["SECRET_KEY"] == settings.secret_key


def test_the_environment_is_read_when_nothing_is_given(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        Settings, "from_env", classmethod(lambda cls: replace(settings, secret_key="from env"))
    )
    assert create_app().config["SECRET_KEY"] == "from env"


@pytest.mark.parametrize(("proxies", "address"), [(0, "127.0.0.1"), (1, "10.0.0.2"), (2, "10.0.0.1")])
def test_only_as_many_proxies_as_are_trusted_are_believed(
    settings: Settings, proxies: int, address: str
) -> None:
    app = create_app(replace(settings, trusted_proxies=proxies))
    app.add_url_rule("/address", view_func=lambda: request.remote_addr)
    answer = app.test_client().get("/address", headers={"X-Forwarded-For": "10.0.0.1, 10.0.0.2"})
    assert answer.text == address


def test_the_parts_are_all_there(app: Flask) -> None:
    rules = {rule.rule for rule in app.url_map.iter_rules()}
    assert {"/login", "/logout", "/healthz", "/readyz", "/metrics", "/api/v1/openapi.json"} <= rules
    assert {"import", "user", "token", "workspace", "refresh"} <= set(app.cli.commands)


class TestManyAtOnce:
    """With connections of their own, as in production."""

    @pytest.fixture
    def token(self, engine: Engine) -> Iterator[str]:
        secret = generate_token()
        with Session(engine) as own:
            shop = accounts.create_workspace(own, "many at once")
            accounts.create_token(own, shop.id, name="t", role="analyst", token_hash=hash_token(secret))
            own.commit()
        yield secret
        with Session(engine) as own:
            own.execute(delete(Workspace).where(Workspace.name == "many at once"))
            own.commit()

    def test_one_key_makes_one_job(
        self, settings: Settings, outbox: Outbox, engine: Engine, token: str
    ) -> None:
        app = create_app(settings, SENDER=outbox, ANALYZE_WAIT_SECONDS=0.0)
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "same"}
        barrier = threading.Barrier(4)

        def ask(_number: int) -> tuple[int, str]:
            barrier.wait()
            answer = app.test_client().post("/api/v1/analyze", json={"texts": ["好"]}, headers=headers)
            return answer.status_code, answer.json["id"]

        with ThreadPoolExecutor(4) as pool:
            answers = set(pool.map(ask, range(4)))
        app.extensions["engine"].dispose()
        assert len(answers) == 1
        with Session(engine) as own:
            jobs = select(func.count()).select_from(Job).join(Workspace, Workspace.id == Job.workspace_id)
            assert own.scalar(jobs.where(Workspace.name == "many at once")) == 1
        assert len(outbox.sent) == 1


def test_a_missing_setting_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(NoAppException, match="DATABASE_URL is not set"):
        create_app()
