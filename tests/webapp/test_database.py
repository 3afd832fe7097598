from collections.abc import Iterator
from uuid import uuid4

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import delete, event, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from settings import Settings
from storage import accounts, products
from storage.jobs import create_job
from storage.models import AuditEntry, Job, LoginAttempt, User, Workspace
from tests.webapp.conftest import PASSWORD
from tests.webapp.outbox import Outbox
from webapp import create_app
from webapp.auth.passwords import hash_password
from webapp.auth.tokens import generate_token, hash_token
from webapp.database import open_session, session
from webapp.enqueue import TRAIN_MODELS, enqueue


def opened() -> Session:
    session.execute(text("SELECT 1"))
    return g.session  # type: ignore[no-any-return]


def in_autocommit(asked: Session) -> bool:
    """Tell whether each statement of a session stands alone."""
    return bool(asked.connection().connection.dbapi_connection.autocommit)  # type: ignore[union-attr]


def test_one_session_all_through_a_request(app: Flask) -> None:
    with app.app_context():
        first = opened()
        assert opened() is first
    with app.app_context():
        assert opened() is not first


def test_nothing_is_opened_for_who_asks_nothing(app: Flask) -> None:
    with app.test_request_context("/healthz"):
        assert "session" not in g
    with app.app_context():
        assert "session" not in g


def test_no_session_outside_of_an_app() -> None:
    with pytest.raises(RuntimeError, match="application context"):
        session.execute(text("SELECT 1"))


def test_the_end_of_a_request_closes_and_forgets(app: Flask, workspace: Workspace) -> None:
    with app.app_context():
        used = opened()
        session.add(Workspace(name="never committed"))
        session.flush()
        assert used.in_transaction()
    assert not used.in_transaction()
    with app.app_context():
        assert accounts.find_workspace(session, "never committed") is None
        assert accounts.find_workspace(session, workspace.name) is not None


def test_a_request_that_broke_is_closed_as_well(app: Flask) -> None:
    used: list[Session] = []

    def breaks() -> None:
        with app.app_context():
            used.append(opened())
            session.execute(text("SELECT 1 / 0"))

    with pytest.raises(DBAPIError):
        breaks()
    assert not used[0].in_transaction()


def test_a_committed_row_outlives_its_request(app: Flask, workspace: Workspace) -> None:
    with app.app_context():
        session.add(Workspace(name="committed"))
        session.commit()
    with app.app_context():
        assert accounts.find_workspace(session, "committed") is not None


def test_both_kinds_of_session_send_after_their_commit(app: Flask, outbox: Outbox) -> None:
    with app.app_context(), open_session() as own:
        session.execute(text("SELECT 1"))
        enqueue(session, TRAIN_MODELS, "request")
        own.execute(text("SELECT 1"))
        enqueue(own, TRAIN_MODELS, "own")
        own.commit()
        assert [args for _task, args, _queue in outbox.sent] == [("own",)]
        session.commit()
    assert [args for _task, args, _queue in outbox.sent] == [("own",), ("request",)]


def test_a_request_that_never_commits_sends_nothing(app: Flask, outbox: Outbox) -> None:
    with app.app_context():
        session.execute(text("SELECT 1"))
        enqueue(session, TRAIN_MODELS, "lost")
    assert outbox.sent == []


def test_a_given_factory_needs_no_engine(app: Flask) -> None:
    assert "engine" not in app.extensions
    assert app.extensions["session_factory"] is app.config["SESSION_FACTORY"]


class TestOwnEngine:
    """Without a factory given, as in production."""

    @pytest.fixture
    def own(self, settings: Settings, outbox: Outbox) -> Flask:
        return create_app(settings, SENDER=outbox)

    def test_composing_connects_to_nothing_and_a_request_does(self, own: Flask) -> None:
        engine, seen = own.extensions["engine"], []
        event.listen(engine, "connect", lambda *_: seen.append(1))
        assert engine.pool.checkedin() == 0
        with own.app_context():
            assert seen == []
            assert session.scalar(text("SHOW timezone")) == "UTC"
            assert (len(seen), engine.pool.checkedout()) == (1, 1)
        assert engine.pool.checkedout() == 0
        engine.dispose()

    def test_rows_stay_readable_after_a_commit(self, own: Flask) -> None:
        with own.app_context():
            assert session.scalar(select(func.count()).select_from(Job)) is not None
            assert session.expire_on_commit is False
        own.extensions["engine"].dispose()

    @pytest.mark.parametrize(
        ("method", "path", "alone"),
        [
            ("GET", "/api/v1/products", True),
            ("POST", "/api/v1/products", False),
            ("GET", "/products/1", True),
            ("POST", "/products/1/forecasts", False),
        ],
    )
    def test_what_only_reads_needs_no_transaction(
        self, own: Flask, method: str, path: str, alone: bool
    ) -> None:
        with own.test_request_context(path, method=method):
            assert in_autocommit(session) is alone
            with open_session() as writes:
                assert not in_autocommit(writes)
        own.extensions["engine"].dispose()

    def test_every_call_that_reads_does_without_one(self, own: Flask) -> None:
        secret = generate_token()
        with own.app_context():
            shop = accounts.create_workspace(session, "without a transaction").id
            accounts.create_token(session, shop, name="t", role="owner", token_hash=hash_token(secret))
            ids = {"product_id": products.ensure_products(session, shop, {"A": None})["A"]}
            ids["job_id"] = create_job(session, shop, "analyze", params={"texts": ["好"]}).id
            session.commit()
        seen = []
        for rule in own.url_map.iter_rules():
            if rule.rule.startswith("/api/") and "GET" in (rule.methods or ()):
                values = {name: ids.get(name, uuid4() if name == "run_id" else 1) for name in rule.arguments}
                path = own.url_map.bind("localhost").build(rule.endpoint, values)
                seen.append(
                    own.test_client().get(path, headers={"Authorization": f"Bearer {secret}"}).status_code
                )
        with own.app_context():
            [used] = accounts.list_tokens(session, shop)
            session.execute(delete(Workspace).where(Workspace.id == shop))
            session.commit()
        assert used.last_used_at is not None
        assert seen.count(200) > 8
        assert max(seen) < 500
        own.extensions["engine"].dispose()

    def test_a_session_of_its_own_outlives_the_request(self, own: Flask) -> None:
        engine = own.extensions["engine"]
        with own.app_context():
            lasting = open_session()
            lasting.execute(text("SELECT 1"))
            assert lasting is not opened()
            assert engine.pool.checkedout() == 2
        assert lasting.in_transaction()
        assert engine.pool.checkedout() == 1
        lasting.close()
        engine.dispose()


class TestPages:
    """Without a factory given, read by an owner who is logged in."""

    EMAIL = "pages@without.example"

    @pytest.fixture
    def own(self, settings: Settings, outbox: Outbox) -> Iterator[Flask]:
        made = create_app(settings, SENDER=outbox, WTF_CSRF_ENABLED=False)
        yield made
        with made.app_context():  # what was committed
            session.execute(delete(Workspace).where(Workspace.name == self.EMAIL))
            session.execute(delete(User).where(User.email == self.EMAIL))
            session.execute(delete(LoginAttempt).where(LoginAttempt.email == self.EMAIL))
            session.commit()
            # A trigger keeps entries of the audit log from being deleted, and other tests count them.
            session.execute(text("SET LOCAL session_replication_role = replica"))
            session.execute(delete(AuditEntry).where(AuditEntry.actor == self.EMAIL))
            session.commit()
        made.extensions["engine"].dispose()

    @pytest.fixture
    def ids(self, own: Flask) -> dict[str, object]:
        with own.app_context():
            shop = accounts.create_workspace(session, self.EMAIL).id
            owner = accounts.create_user(session, self.EMAIL, hash_password(PASSWORD)).id
            accounts.set_membership(session, shop, owner, "owner")
            product_id = products.ensure_products(session, shop, {"A": None})["A"]
            job_id = create_job(session, shop, "analyze", params={"texts": ["好"]}).id
            session.commit()
        return {"product_id": product_id, "job_id": job_id, "run_id": uuid4()}

    @pytest.fixture
    def client(self, own: Flask, ids: dict[str, object]) -> FlaskClient:
        client = own.test_client()
        client.post("/login", data={"email": self.EMAIL, "password": PASSWORD})
        return client

    def test_every_page_does_without_a_transaction(
        self, own: Flask, client: FlaskClient, ids: dict[str, object]
    ) -> None:
        seen = {}
        for rule in own.url_map.iter_rules():
            if not rule.rule.startswith("/api/") and "GET" in (rule.methods or ()):
                values = {name: ids.get(name, 1) for name in rule.arguments}
                path = own.url_map.bind("localhost").build(rule.endpoint, values)
                seen[path] = client.get(path).status_code
        assert list(seen.values()).count(200) > 20
        assert {path for path, status in seen.items() if status >= 500} == {"/readyz"}  # there is no worker

    def test_what_was_prepared_for_a_page_is_there_for_the_next(
        self, own: Flask, client: FlaskClient
    ) -> None:
        for _ in range(6):  # psycopg prepares what it is asked for five times
            assert client.get("/jobs").status_code == 200
        with own.test_request_context("/"):
            assert session.scalar(text("SELECT count(*) FROM pg_prepared_statements"))
