from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask, render_template_string
from flask import session as cookie
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from storage import accounts
from storage.models import Product, User, Workspace
from webapp.auth.sessions import log_in
from webapp.pages.template import FILTERS, GLOBALS, in_language, language_url, moment, workspace

MORNING = datetime(2026, 11, 10, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "shown"),
    [("Asia/Shanghai", "2026-11-11 07:30"), ("UTC", "2026-11-10 23:30"), ("Asia/Urumqi", "2026-11-11 05:30")],
)
def test_a_moment_is_told_in_the_shops_zone(app: Flask, zone: str, shown: str) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], timezone=zone)
    with app.app_context():
        assert moment(MORNING) == shown
        assert moment(MORNING.replace(tzinfo=None)) == shown
        assert moment(None) == "—"


@pytest.mark.parametrize(
    ("language", "value", "shown"),
    [("zh", 123456, "12.3万"), ("en", 123456, "123.5K"), ("zh", 2.5e8, "2.5亿"), ("en", None, "—")],
)
def test_counts_are_short_in_the_readers_way(
    app: Flask, language: str, value: float | None, shown: str
) -> None:
    with app.test_request_context("/"):
        cookie["language"] = language
        assert in_language(value) == shown


def test_another_language_is_the_same_page_with_its_choices(app: Flask) -> None:
    with app.test_request_context("/products/7?days=90&day=2026-11-11"):
        found = urlsplit(language_url("en"))
    assert found.path == "/products/7"
    assert parse_qs(found.query) == {"days": ["90"], "day": ["2026-11-11"], "lang": ["en"]}


def test_a_language_asked_for_before_is_replaced_not_repeated(app: Flask) -> None:
    with app.test_request_context("/jobs?lang=en"):
        assert parse_qs(urlsplit(language_url("zh")).query) == {"lang": ["zh"]}


def test_the_address_cannot_be_led_elsewhere(app: Flask) -> None:
    with app.test_request_context("/products/7?next=//evil.example/"):
        found = urlsplit(language_url("en"))
    assert (found.scheme, found.netloc, found.path) == ("", "", "/products/7")


@pytest.mark.parametrize(("method", "path"), [("POST", "/login"), ("GET", "/nowhere"), ("POST", "/nowhere")])
def test_what_cannot_be_asked_again_leads_to_the_start(app: Flask, method: str, path: str) -> None:
    with app.test_request_context(path, method=method):
        assert language_url("en") == "/?lang=en"


def test_the_link_on_a_page_keeps_the_page(reader: FlaskClient, product: Product) -> None:
    html = reader.get(f"/products/{product.id}?days=7").text
    assert f'href="/products/{product.id}?days=7&amp;lang=zh"' in html


def test_a_stranger_has_no_workspace(app: Flask) -> None:
    with app.test_request_context("/"):
        assert workspace() is None


def test_a_reader_has_theirs(app: Flask, user: User, workspace: Workspace) -> None:
    with app.test_request_context("/"):
        log_in(user, remember=False)
        assert render_template_string("{{ workspace().name }}") == workspace.name


def test_a_user_who_is_in_none_has_none(
    app: Flask, user: User, workspace: Workspace, session: Session
) -> None:
    accounts.remove_member(session, workspace.id, user.id)
    session.commit()
    with app.test_request_context("/"):
        log_in(user, remember=False)
        assert render_template_string("{{ workspace() is none }}") == "True"


def test_templates_know_every_name(app: Flask) -> None:
    for name, function in FILTERS.items():
        assert app.jinja_env.filters[name] is function
    for name, function in GLOBALS.items():
        assert app.jinja_env.globals[name] is function


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("{{ 12345.6 | grouped }}", "12,346"),
        ("{{ 0.1234 | percent }}", "12.3%"),
        ("{{ -0.25 | signed(2) }}", "−0.25"),
        ("{{ 3723 | duration }}", "1:02:03"),
        ("{{ 817 | size }}", "817 B"),
        ("{{ '2026-11-11T08:00' | day }}", "2026-11-11"),
        ("{{ 15000 | compact }}", "15.0K"),
        ("{{ state_name('running') }}", "Running"),
        ("{{ driver_name('promo') }}", "Promotion"),
        ("{{ kind_name('import_sales') }}", "Import sales"),
    ],
)
def test_a_name_does_what_it_says(english: None, template: str, shown: str) -> None:
    assert render_template_string(template) == shown
