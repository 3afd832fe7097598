import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from storage.models import User
from tests.webapp.auth.test_views import log_in
from webapp.language import language, locale


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.add_url_rule("/which", "which", view_func=lambda: f"{language()} {locale()}")
    app.add_url_rule("/api/which", "api_which", view_func=lambda: language())
    return app.test_client()


def test_chinese_comes_first(client: FlaskClient) -> None:
    assert client.get("/which").text == "zh zh_Hans_CN"
    assert client.get("/which", headers={"Accept-Language": "en"}).text == "zh zh_Hans_CN"


def test_a_choice_is_remembered(client: FlaskClient) -> None:
    assert client.get("/which?lang=en").text == "en en"
    assert client.get("/which").text == "en en"
    assert client.get("/which?lang=zh").text == "zh zh_Hans_CN"


def test_a_language_we_do_not_have_changes_nothing(client: FlaskClient) -> None:
    client.get("/which?lang=en")
    assert client.get("/which?lang=fr").text == "en en"


def test_a_users_own_language_and_a_choice_over_it(client: FlaskClient, user: User, session: Session) -> None:
    user.language = "en"
    session.commit()
    log_in(client)
    assert client.get("/which").text == "en en"
    assert client.get("/which?lang=zh").text == "zh zh_Hans_CN"


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (None, "zh"),
        ("en", "en"),
        ("en-GB,en;q=0.9,zh;q=0.1", "en"),
        ("fr,en;q=0.5", "en"),
        ("zh-TW,en;q=0.5", "zh"),
        ("en;q=0.3,zh-CN;q=0.8", "zh"),
        ("fr", "zh"),
        ("*", "zh"),
        ("nonsense;;q", "zh"),
    ],
)
def test_programs_choose_by_header(client: FlaskClient, header: str | None, wanted: str) -> None:
    headers = {"Accept-Language": header} if header else {}
    assert client.get("/api/which", headers=headers).text == wanted


def test_outside_of_requests_it_is_chinese(app: Flask) -> None:
    with app.app_context():
        assert (language(), locale()) == ("zh", "zh_Hans_CN")
