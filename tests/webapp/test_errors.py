import errno
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from ingest import CorruptFileError
from settings import Settings
from storage import accounts
from storage.errors import BadCursor, Conflict, NoData, NotFound
from storage.models import User, Workspace
from tests.webapp import factories
from tests.webapp.auth.test_views import log_in
from tests.webapp.conftest import LogIn
from webapp import create_app
from webapp.auth import role_required
from webapp.database import session as request_session
from webapp.errors import PROBLEMS
from webapp.imports import ImportRefused
from webapp.uploads import UploadTooLarge

Headers = dict[str, str]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound("product", 7), 404),
        (BadCursor("x"), 400),
        (Conflict("it has ended"), 409),
        (NoData("nothing sold"), 409),
        (StaleDataError("0 were matched"), 409),
        (UploadTooLarge("10"), 413),
        (ImportRefused("no such column"), 422),
        (CorruptFileError("truncated"), 422),
    ],
)
def test_each_error_has_its_status(client: FlaskClient, error: Exception, status: int) -> None:
    app = client.application

    @app.get("/api/raise")
    def raises() -> str:
        raise error

    answer = client.get("/api/raise", headers={"Accept-Language": "en"})
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == status


def test_a_file_error_speaks_the_readers_language(client: FlaskClient) -> None:
    @client.application.get("/api/raise")
    def raises() -> str:
        raise CorruptFileError("truncated")

    assert "压缩文件" in client.get("/api/raise").json["detail"]
    assert "cut short" in client.get("/api/raise", headers={"Accept-Language": "en"}).json["detail"]


def test_storage_errors_all_have_an_answer() -> None:
    assert {NotFound, BadCursor, Conflict, NoData} <= set(PROBLEMS)


@pytest.mark.parametrize(
    ("query", "names"),
    [("q=%00", ["q"]), ("category=a%00b&q=a", ["category"]), ("shop=%00&q=%00", ["q", "shop"])],
)
def test_a_search_for_what_no_text_can_hold_names_the_parameter(
    client: FlaskClient, viewer: Headers, query: str, names: list[str]
) -> None:
    answer = client.get(f"/api/v1/products?{query}", headers=viewer)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert answer.json["errors"] == {name: ["A NUL character is not allowed."] for name in names}


def test_a_body_nested_without_end_is_the_callers_fault(client: FlaskClient, analyst: Headers) -> None:
    body = b"[" * 200_000
    answer = client.post("/api/v1/analyze", data=body, content_type="application/json", headers=analyst)
    assert answer.status_code == 400


@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "k"}])
def test_half_a_surrogate_pair_breaks_nothing(client: FlaskClient, analyst: Headers, key: Headers) -> None:
    headers = analyst | key | {"Content-Type": "application/json"}
    texts = client.post("/api/v1/analyze", data=rb'{"texts": ["\ud83d"]}', headers=headers)
    assert texts.status_code == 202
    row = rb'{"kind": "reviews", "rows": [{"product_id": "1", "created_at": "2026-06-01", "text": "\ud83d"}]}'
    rows = client.post("/api/v1/imports", data=row, headers=headers | {"Idempotency-Key": "k2"})
    assert rows.status_code == 202


def test_a_page_tells_of_a_foreign_product_too(
    client: FlaskClient, user: User, session: Session, stranger_workspace: Workspace
) -> None:
    log_in(client)
    foreign = factories.product(session, stranger_workspace)
    answer = client.get(f"/products/{foreign.id}")
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"


def test_a_page_survives_what_the_database_refuses(client: FlaskClient, user: User) -> None:
    @client.application.get("/nul")
    @role_required("viewer")
    def nul() -> str:
        accounts.find_workspace(request_session, "\0")
        return ""

    log_in(client)
    answer = client.get("/nul")
    assert answer.status_code == 400
    assert answer.mimetype == "text/html"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_an_outage_is_a_503_that_says_when_to_try_again(client: FlaskClient, number: int) -> None:
    @client.application.get("/api/raise")
    def raises() -> str:
        raise OSError(number, "no")

    answer = client.get("/api/raise")
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("language", "says"), [("zh", "<h1>暂时无法使用</h1>"), ("en", "The database cannot be reached")]
)
def test_with_the_database_away_whoever_is_logged_in_still_sees_a_page(
    settings: Settings, language: str, says: str
) -> None:
    nowhere = replace(settings, database_url="postgresql+psycopg://fengping@/fengping?host=/nowhere")
    client = create_app(nowhere, TESTING=True).test_client()
    with client.session_transaction() as cookie:
        cookie.update({"_user_id": "1:word", "_fresh": True, "language": language})
    answer = client.get("/")
    assert (answer.status_code, answer.mimetype) == (503, "text/html")
    assert says in answer.text
    assert 'class="card problem"' in answer.text


def test_another_fault_of_a_file_is_ours(client: FlaskClient) -> None:
    @client.application.get("/api/raise")
    def raises() -> str:
        raise OSError(errno.EACCES, "no")

    client.application.config["PROPAGATE_EXCEPTIONS"] = False
    assert client.get("/api/raise").status_code == 500


def test_a_failed_write_is_told_on_a_page_of_the_application(
    app: Flask, log_in: LogIn, workspace: Workspace
) -> None:
    app.testing = False

    @app.post("/twice")
    def twice() -> str:
        request_session.add(User(email="a@example.com", password_hash="x"))
        request_session.add(User(email="a@example.com", password_hash="x"))
        request_session.flush()
        return "never"

    answer = log_in("analyst").post("/twice")
    assert (answer.status_code, workspace.name in answer.text) == (500, True)
