from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask, g, request
from sqlalchemy.orm import Session
from werkzeug.datastructures import ImmutableMultiDict

from storage.models import Product, Workspace
from storage.overview import daily_series
from tests.webapp.pages.factories import LAST, make_product, make_review
from webapp.auth.access import Principal
from webapp.pages import evidence
from webapp.pages.evidence import behind_bar, of_day, read_day
from webapp.pages.waterfall import Bar
from webapp.problems import Problem

BLAMED = LAST.replace(day=13)


@pytest.fixture(autouse=True)
def asked(app: Flask, workspace: Workspace) -> Iterator[None]:
    """A request of an analyst, in English."""
    with app.test_request_context("/?lang=en"):
        app.preprocess_request()
        g.principal = Principal(workspace, "analyst", user_id=1)
        yield


def ask(**query: str) -> None:
    """Let the address of the request say this."""
    request.args = ImmutableMultiDict(query)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-02-30", "11/11/2026"])
def test_what_is_no_day_is_no_address(text: str) -> None:
    with pytest.raises(Problem) as refused:
        read_day(text)
    assert refused.value.code == 404


def test_a_day_is_read(product: Product) -> None:
    assert read_day("2026-11-13") == BLAMED


def test_without_any_review_there_is_no_day_to_show(session: Session, workspace: Workspace) -> None:
    bare = make_product(session, workspace.id, "bare")
    assert of_day(bare.id, None, {}) == {"reviews": None, "title": "Reviews"}


def test_a_day_has_its_counts_and_its_reviews_by_polarity(product: Product) -> None:
    found = of_day(product.id, LAST, {})
    assert (found["counts"].reviews, found["counts"].positive, found["counts"].negative) == (3, 2, 0)
    assert (len(found["reviews"].items), found["polarity"]) == (3, None)
    ask(polarity="positive")
    liked = of_day(product.id, LAST, {})
    assert {review.label for review in liked["reviews"].items} == {"positive"}
    assert "polarity=positive" in liked["more"]
    ask(polarity="delighted")
    assert len(of_day(product.id, LAST, {})["reviews"].items) == 3


def test_counts_that_are_known_are_not_asked_for_again(
    session: Session, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    series = daily_series(session, product.workspace_id, product.id, start=BLAMED, end=LAST)
    days: list[date] = []

    def note(*_which: object, start: date, end: date) -> object:
        days.append(start)
        return daily_series(session, product.workspace_id, product.id, start=start, end=end)

    monkeypatch.setattr(evidence, "daily_series", note)
    assert of_day(product.id, BLAMED, {}, series)["counts"] == series[0]
    assert days == []
    before = BLAMED - timedelta(days=1)
    assert of_day(product.id, before, {}, series)["counts"].day == before
    assert days == [before]


def test_a_bar_is_named_with_its_polarity_and_has_reviews(session: Session, product: Product) -> None:
    review = make_review(session, product, LAST, "negative")
    session.commit()
    blamed = Bar("sentiment:物流", "down", -5.0, 0.0, 1.0, "negative", (review.id,))
    bars = [blamed, Bar("promo", "up", 5.0, 0.0, 1.0)]
    assert behind_bar(product.id, bars) == {}
    for query in ({"driver": "promo"}, {"driver": blamed.name}, {"driver": "x", "polarity": "negative"}):
        ask(**query)
        assert behind_bar(product.id, bars) == {}
    ask(driver=blamed.name, polarity="negative")
    found = behind_bar(product.id, bars)
    assert [one.id for one in found["reviews"].items] == [review.id]
    assert found["title"] == "Reviews · 物流 blamed"
