"""The figure on the page is that of the model's card, and of the model that ships."""

import hashlib
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from storage.models import Product, Review
from webapp.pages.measured import CARDS, measured

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", ["accurate", "fast"])
def test_the_figure_is_the_cards(name: str) -> None:
    config = (ROOT / "nlp/models" / name / "config.json").read_bytes()
    found = measured(f"{name}-{hashlib.sha256(config).hexdigest()[:12]}+aspects-1+code")
    assert found is not None
    card = (ROOT / found.card).read_text()
    row = re.search(r"^\| all of \S+ \| ([\d,]+) \| \S+ \([^)]*\) \| ([\d.]+) \|", card, re.MULTILINE)
    assert row is not None
    assert (found.texts, found.macro_f1) == (int(row[1].replace(",", "")), float(row[2]))


def test_a_model_of_the_shops_own_has_none() -> None:
    assert measured("accurate-ffffffffffff+code") is None
    assert measured("") is None
    assert len(CARDS) == 2


def test_the_report_tells_of_the_version_that_read_its_reviews(
    reader: FlaskClient, product: Product, session: Session
) -> None:
    assert "not measured for this version" in reader.get(f"/products/{product.id}").text
    version = f"{next(iter(CARDS))}+aspects-1+code"
    session.query(Review).filter_by(product_id=product.id).update({"scored_by": version})
    session.commit()
    assert "macro-F1 0.925 on 10,835 held-out texts" in reader.get(f"/products/{product.id}").text
