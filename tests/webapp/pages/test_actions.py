from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from storage.models import Product, Sale, Workspace
from tests.webapp.pages.factories import LAST, make_forecast, make_product, make_review

SLOW = [{"category": "物流", "polarity": "negative"}]


def block(reader: FlaskClient, product: Product) -> str:
    return reader.get(f"/products/{product.id}").text.split('id="actions"')[1].split("</section>")[0]


def test_without_facts_each_step_says_what_is_missing(reader: FlaskClient, product: Product) -> None:
    shown = block(reader, product)
    assert shown.count("Needs a forecast") == 2
    assert "No aspect is blamed with clearly fewer stars" in shown
    assert "Needs another product of the same category" in shown
    assert "<a " not in shown


def test_what_facts_support(
    reader: FlaskClient, session: Session, product: Product, workspace: Workspace
) -> None:
    rival = make_product(session, workspace.id, "P2", title="电饭煲", category="小家电")
    make_forecast(session, product)
    for _ in range(4):
        make_review(session, product, LAST, "negative", aspects=SLOW)
    session.commit()
    shown = block(reader, product)
    assert "may ask for up to 756 (80% band)" in shown
    assert "2 days were out of stock" in shown
    assert "not advised yet" in shown
    assert "物流: 100% of those who speak about it blame it (n = 4)" in shown
    assert f"compare={rival.id}" in shown


def test_without_a_column_of_stock_outs_nothing_is_said_of_them(
    reader: FlaskClient, session: Session, product: Product
) -> None:
    make_forecast(session, product)
    session.execute(update(Sale).values(stockout=None))
    session.commit()
    shown = block(reader, product)
    assert "neither days out of stock nor the stock level" in shown
    assert "0 days were out of stock" not in shown
