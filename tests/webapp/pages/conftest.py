"""A reader of the pages, logged in, and one filled product."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask import session as cookie
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from storage.models import Product, Workspace
from tests.webapp.conftest import LogIn
from tests.webapp.pages.factories import LAST, make_product, make_review, make_sales


@pytest.fixture
def reader(log_in: LogIn) -> FlaskClient:
    """A client of an analyst, in English: msgids are easier to assert than their translation."""
    client = log_in("analyst")
    client.get("/login?lang=en")
    return client


@pytest.fixture
def viewer_client(log_in: LogIn) -> FlaskClient:
    return log_in("viewer")


@pytest.fixture
def product(session: Session, workspace: Workspace) -> Product:
    """A product with 90 days of sales and a few reviews, of which two negative ones a week ago."""
    made = make_product(session, workspace.id, category="小家电")
    make_sales(session, made)
    for label in ("positive", "positive", "neutral"):
        make_review(session, made, LAST, label)
    for _ in range(2):
        make_review(session, made, LAST.replace(day=13), "negative")
    session.commit()
    return made


@pytest.fixture
def chinese(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"):
        yield


@pytest.fixture
def english(app: Flask) -> Iterator[None]:
    """A request in English, for what is built outside a page."""
    with app.test_request_context("/"):
        cookie["language"] = "en"
        yield
