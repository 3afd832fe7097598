import re

import pytest
from flask.testing import FlaskClient
from scipy.stats import fisher_exact
from sqlalchemy.orm import Session

from storage.models import Product, ProductDigest
from tests.webapp.pages.factories import LAST, make_review
from webapp.pages.rising import fisher, rises


@pytest.mark.parametrize("table", [(8, 10, 1, 10), (30, 200, 10, 300), (0, 40, 5, 40), (5, 5, 5, 5)])
def test_the_test_is_fishers(table: tuple[int, int, int, int]) -> None:
    now, of, before, of_before = table
    expected = fisher_exact([[now, of - now], [before, of_before - before]], alternative="greater")[1]
    assert fisher(*table) == pytest.approx(expected)


def test_only_what_is_beyond_chance_rises() -> None:
    found = rises({"物流": 30, "质量": 20, "价格": 2}, {"物流": 3, "质量": 20}, 100, 100)
    assert [(rise.name, rise.now, rise.before) for rise in found] == [("物流", 30, 3)]
    assert found[0].q_value < 0.001


def test_too_few_reviews_say_nothing() -> None:
    assert rises({"物流": 20}, {}, 20, 100) == []
    assert rises({"物流": 4}, {}, 40, 400) == []


def block(reader: FlaskClient, product: Product) -> str:
    html = reader.get(f"/products/{product.id}?days=7").text
    return html.split('id="emerging"')[1].split("</section>")[0]


def test_an_aspect_and_a_word_that_rose(reader: FlaskClient, session: Session, product: Product) -> None:
    assert "Too few reviews to compare" in block(reader, product)
    for number in range(40):
        make_review(session, product, LAST.replace(day=10), "positive")
        bad = number % 2 == 0
        make_review(
            session,
            product,
            LAST,
            "negative",
            aspects=[{"category": "物流", "polarity": "negative"}] if bad else [],
            keywords=["慢"] if bad else [],
        )
    session.commit()
    shown = block(reader, product)
    assert re.search(r"hx-get=\"[^\"]*aspect=[^\"]*\"[^>]*>物流 blamed</a>", shown)
    assert "“慢”" in shown
    assert "&lt; 0.001" in shown


def test_new_words_of_the_digest(reader: FlaskClient, session: Session, product: Product) -> None:
    span = {"start": "2026-10-22", "end": "2026-11-20", "texts": 90}
    word = {"word": "掉漆", "recent": 9, "baseline": 1, "first_seen": "2026-11-01"}
    digest = {"emerging": {"recent": span, "baseline": span, "words": [word]}}
    session.add(
        ProductDigest(
            product_id=product.id, workspace_id=product.workspace_id, version="1", stamp="1", digest=digest
        )
    )
    session.commit()
    assert "掉漆 <b>9 / 1</b>" in block(reader, product)
