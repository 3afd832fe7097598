from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from storage import digests
from storage.models import Product, Workspace
from tests.webapp import factories

Headers = dict[str, str]
QUOTE = {"review_id": 7, "text": "安装师傅很专业"}
POINT = {"label": "安装好", "category": "安装", "reviews": 3, "share": 0.6, "quotes": [QUOTE]}
DIGEST = {
    "version": "digest-1",
    "reviews": 5,
    "from": "2026-06-01",
    "to": "2026-06-05",
    "keywords": {"tf_idf": [{"word": "安装", "weight": 9.5, "texts": 3}], "text_rank": []},
    "emerging": {
        "enough": True,
        "level": 0.05,
        "recent": {"start": "2026-05-07", "end": "2026-06-05", "texts": 30},
        "baseline": {"start": "2025-11-08", "end": "2026-05-06", "texts": 90},
        "tested": 12,
        "words": [
            {
                "word": "漏水",
                "recent": 9,
                "baseline": 1,
                "ratio": 18.5,
                "p_value": 0.001,
                "q_value": 0.012,
                "first_seen": "2026-05-01",
            }
        ],
    },
    "topics": {
        "clauses": 90,
        "read": 90,
        "topics": [
            {
                "label": "安装师傅",
                "words": ["师傅"],
                "clauses": 9,
                "share": 0.1,
                "reviews": 8,
                "sentiment": {"negative": 0.25, "neutral": 0.25, "positive": 0.5},
                "quotes": [QUOTE],
            }
        ],
    },
    "summary": {
        "enough": True,
        "reviews": 5,
        "pros": [POINT],
        "cons": [],
        "sentences": {"zh": [{"text": "3 条评价（60%）认可：安装（安装好）。", "evidence": [7]}], "en": []},
    },
    "written": None,
}


@pytest.fixture
def product(session: Session, workspace: Workspace) -> Product:
    return factories.product(session, workspace)


def get(client: FlaskClient, headers: Headers, product: Product) -> Any:
    answer = client.get(f"/api/v1/products/{product.id}/digest", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json


def keep(session: Session, product: Product, digest: dict[str, Any] = DIGEST) -> None:
    state = digests.stamps(session, product.workspace_id).get(product.id, "")
    digests.save_digest(session, product.workspace_id, product.id, "digest-1", state, digest)
    session.commit()


def scored(session: Session, product: Product) -> None:
    factories.review(session, product, day=date(2026, 6, 1), label="positive", scored_by="reader-1")


def test_a_digest_is_shown_whole(
    client: FlaskClient, viewer: Headers, session: Session, product: Product
) -> None:
    scored(session, product)
    keep(session, product)
    answer = get(client, viewer, product)
    assert answer["digest"] == DIGEST
    assert (answer["product_id"], answer["stale"]) == (product.id, False)
    assert answer["created_at"]


def test_a_new_review_makes_it_stale(
    client: FlaskClient, viewer: Headers, session: Session, product: Product
) -> None:
    scored(session, product)
    keep(session, product)
    scored(session, product)
    assert get(client, viewer, product)["stale"]


def test_a_digest_without_dates_and_in_a_models_words(
    client: FlaskClient, viewer: Headers, session: Session, product: Product
) -> None:
    written = {"by": "m", "sentences": [{"text": "安装好。", "evidence": [7]}], "refused": ""}
    digest = {**DIGEST, "from": None, "to": None, "emerging": None, "written": written}
    keep(session, product, digest)
    assert get(client, viewer, product)["digest"] == digest


def test_before_the_first_there_is_none(client: FlaskClient, viewer: Headers, product: Product) -> None:
    assert get(client, viewer, product) == {
        "product_id": product.id,
        "stale": True,
        "created_at": None,
        "digest": None,
    }


def test_another_workspaces_product_is_not_there(
    client: FlaskClient, viewer: Headers, session: Session, stranger_workspace: Workspace
) -> None:
    foreign = factories.product(session, stranger_workspace)
    keep(session, foreign)
    for product_id in (foreign.id, 10**12):
        answer = client.get(f"/api/v1/products/{product_id}/digest", headers=viewer)
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_strangers_and_unknown_parameters_are_refused(
    client: FlaskClient, viewer: Headers, product: Product
) -> None:
    url = f"/api/v1/products/{product.id}/digest"
    assert client.get(url).status_code == 401
    assert client.get(f"{url}?top=3", headers=viewer).status_code == 400
