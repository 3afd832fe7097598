"""A review as evidence, and 改判."""

import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from storage.audit import list_entries
from storage.models import Chunk, Product, Relabel, Review, Workspace
from tests.webapp.outbox import Outbox
from tests.webapp.pages.factories import LAST, make_product, make_review

SPAN = {"category": "气味", "aspect": "异味", "polarity": "negative", "start": 5, "end": 7}


def made(session: Session, product: Product, label: str = "negative", **values: object) -> Review:
    review = make_review(session, product, LAST, label, **values)
    session.commit()
    return review


def test_what_a_review_speaks_about_is_marked(
    reader: FlaskClient, session: Session, product: Product
) -> None:
    made(
        session,
        product,
        aspects=[SPAN],
        sku="5L 白色",
        p_negative=0.87,
        is_suspect=True,
        suspect_reasons=["template"],
    )
    html = reader.get(f"/products/{product.id}/days/{LAST}?polarity=negative").text
    assert '<mark class="mark-negative" title="气味: Negative">异味</mark>' in html
    assert "打开有一股<mark" in html
    for told in ("87%", "5L 白色", "2026-11-20 12:30", "1 of 5 stars", "nearly the same text as several"):
        assert told in html


def test_a_reviews_text_is_never_markup(reader: FlaskClient, session: Session, product: Product) -> None:
    made(session, product, text="<b>异味</b>", aspects=[SPAN | {"start": 3, "end": 5}])
    html = reader.get(f"/products/{product.id}/days/{LAST}?polarity=negative").text
    assert '&lt;b&gt;<mark class="mark-negative" title="气味: Negative">异味</mark>&lt;/b&gt;' in html


def test_a_person_says_what_it_means_and_takes_it_back(
    reader: FlaskClient, session: Session, product: Product, workspace: Workspace, outbox: Outbox
) -> None:
    review = made(session, product)
    answer = reader.post(
        f"/reviews/{review.id}/label", data={"label": "positive"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith("<article")
    assert "Corrected by a person" in answer.text
    assert "The analyser said: Negative" in answer.text
    session.expire_all()
    assert session.get_one(Review, review.id).label == "positive"
    [row] = session.query(Relabel).all()
    assert (row.label, row.seen_label, row.analyzer, row.user_id is not None) == (
        "positive",
        "negative",
        "test-1",
        True,
    )
    [entry] = list_entries(session, workspace.id, action="review").items
    assert (entry.action, entry.target, entry.before) == (
        "review.relabel",
        str(review.id),
        {"label": "negative"},
    )
    assert any(chunk.payload.get("product_ids") == [product.id] for chunk in session.query(Chunk))
    shown = reader.get(f"/products/{product.id}").text
    share = re.search(r">Negative reviews</a></dt>\s*<dd class=\"kpi-figure\">([^<]+)", shown)
    assert share is not None
    assert share[1] == "33.3%"
    back = reader.post(f"/reviews/{review.id}/label", data={"label": "undo"}, headers={"HX-Request": "true"})
    assert "Corrected by a person" not in back.text
    session.expire_all()
    assert session.get_one(Review, review.id).label == "negative"
    assert list_entries(session, workspace.id, action="review.undo").items


def test_without_scripts_the_report_comes_back(
    reader: FlaskClient, session: Session, product: Product
) -> None:
    review = made(session, product)
    answer = reader.post(f"/reviews/{review.id}/label", data={"label": "neutral"})
    assert answer.location == f"/products/{product.id}?day=2026-11-20#evidence"
    assert "counted anew" in reader.get(answer.location).text


def test_who_may_not_and_what_is_no_label(
    reader: FlaskClient, viewer_client: FlaskClient, session: Session, product: Product
) -> None:
    review, unread = made(session, product), made(session, product)
    unread.scored_by = None
    session.commit()
    address = f"/reviews/{review.id}/label"
    assert viewer_client.post(address, data={"label": "positive"}).status_code == 403
    assert reader.post(address, data={"label": "uncertain"}).status_code == 400
    assert reader.post(f"/reviews/{unread.id}/label", data={"label": "positive"}).status_code == 409
    assert session.query(Relabel).count() == 0
    assert 'class="relabel"' not in viewer_client.get(f"/products/{product.id}/days/{LAST}").text


def test_a_strangers_review_is_404(
    reader: FlaskClient, session: Session, stranger_workspace: Workspace
) -> None:
    review = made(session, make_product(session, stranger_workspace.id))
    assert reader.post(f"/reviews/{review.id}/label", data={"label": "positive"}).status_code == 404


def test_a_form_without_its_token_is_refused(
    app: Flask, reader: FlaskClient, session: Session, product: Product
) -> None:
    review = made(session, product)
    app.config["WTF_CSRF_ENABLED"] = True
    assert reader.post(f"/reviews/{review.id}/label", data={"label": "positive"}).status_code == 400
