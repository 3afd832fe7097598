import pytest
from flask import Flask
from flask import session as cookie
from werkzeug.datastructures import MultiDict

from webapp.auth.forms import LoginForm

RIGHT = {"email": "li@example.com", "password": "correct horse battery"}


@pytest.fixture
def app(app: Flask) -> Flask:
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def filled(app: Flask, language: str = "en", **values: str) -> LoginForm:
    """Return the form as somebody sent it, checked."""
    with app.test_request_context("/login", method="POST"):
        cookie["language"] = language
        form = LoginForm(formdata=MultiDict(RIGHT | values))
        form.validate()
        for field in form:
            field.errors = [str(error) for error in field.errors]
        return form


def test_what_was_typed_is_kept(app: Flask) -> None:
    form = filled(app, next="/jobs", remember="y")
    assert form.errors == {}
    assert form.data == RIGHT | {"next": "/jobs", "remember": True}


def test_nobody_is_remembered_unasked(app: Flask) -> None:
    assert filled(app).remember.data is False


def test_spaces_around_the_address_are_a_slip_but_part_of_a_password(app: Flask) -> None:
    form = filled(app, email="\t li@example.com \n", password=" two words ")
    assert form.email.data == "li@example.com"
    assert form.password.data == " two words "


@pytest.mark.parametrize(
    ("field", "language", "wrong"),
    [
        ("email", "en", "Please fill in your e-mail."),
        ("email", "zh", "请填写邮箱。"),
        ("password", "en", "Please fill in your password."),
        ("password", "zh", "请填写密码。"),
    ],
)
def test_an_empty_field_is_named_in_the_readers_language(
    app: Flask, field: str, language: str, wrong: str
) -> None:
    assert filled(app, language, **{field: ""}).errors == {field: [wrong]}


@pytest.mark.parametrize(("field", "most"), [("email", 254), ("password", 1024)])
def test_nothing_is_taken_that_only_costs_time_to_hash(app: Flask, field: str, most: int) -> None:
    assert filled(app, **{field: "x" * most}).errors == {}
    assert list(filled(app, **{field: "x" * (most + 1)}).errors) == [field]


def test_an_address_is_measured_without_its_spaces(app: Flask) -> None:
    assert filled(app, email=" " * 9 + "x" * 254).errors == {}


def test_a_password_is_never_written_back(app: Flask) -> None:
    form = filled(app, password="secret words")
    assert "secret words" not in str(form.password())
    assert "li@example.com" in str(form.email())
