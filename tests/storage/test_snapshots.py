import hashlib
import json
from datetime import date

import pytest
from sqlalchemy.orm import Session

from storage import snapshots
from storage.errors import NoData, NotFound
from storage.models import Product
from storage.overview import kpis
from tests.storage.factories import analysis, make_products, make_reviews, make_sales, review_row

DAY = date(2026, 6, 1)


@pytest.fixture
def product(session: Session, workspace_id: int) -> Product:
    [id] = make_products(session, workspace_id, "0012", brand="格力")
    make_sales(session, workspace_id, id, DAY, [1.0, 2.0, None, 4.0])
    make_reviews(session, workspace_id, [review_row(id, DAY, text="秘密", analysis=analysis())])
    session.commit()
    return session.get_one(Product, id)


def test_a_snapshot_holds_what_the_page_shows(session: Session, product: Product) -> None:
    frozen = snapshots.take(session, product, conclusion=["好"])
    figures = snapshots.figures_of(frozen)
    assert figures["product"]["id"] == "0012"
    assert figures["cutoff"] == {"sales": "2026-06-04", "reviews": "2026-06-01", "forecast": None}
    assert figures["period"] == {"start": "2026-05-06", "end": "2026-06-04"}
    assert [day[:2] for day in figures["days"]] == [
        *(["2026-06-01", 1.0], ["2026-06-02", 2.0], ["2026-06-03", None], ["2026-06-04", 4.0])
    ]
    shown = kpis(session, product.workspace_id, product.id, start=date(2026, 5, 6), end=date(2026, 6, 4))
    assert figures["kpis"]["current"]["units"] == shown.current.units == 7.0
    assert figures["conclusion"] == ["好"]


def test_its_hash_is_of_its_text(session: Session, product: Product) -> None:
    frozen = snapshots.take(session, product)
    assert frozen.hash == hashlib.sha256(frozen.body.encode()).hexdigest()
    assert snapshots.canonical(json.loads(frozen.body)) == frozen.body
    assert snapshots.hash_of(frozen.body.replace("格力", "美的")) != frozen.hash


def test_no_word_of_a_shopper_is_in_it(session: Session, product: Product) -> None:
    assert "秘密" not in snapshots.take(session, product).body


def test_it_does_not_change_with_the_data(session: Session, product: Product) -> None:
    frozen = snapshots.take(session, product)
    before = frozen.body
    make_sales(session, product.workspace_id, product.id, date(2026, 6, 5), [100.0])
    session.expire_all()
    assert snapshots.get_snapshot(session, product.workspace_id, frozen.id).body == before
    assert snapshots.take(session, product).hash != frozen.hash


def test_numbers_that_are_none_are_unknown() -> None:
    assert snapshots.canonical({"b": float("nan"), "a": (date(2026, 6, 1), float("inf"))}) == (
        '{"a":["2026-06-01",null],"b":null}'
    )


def test_nothing_is_frozen_of_nothing(session: Session, workspace_id: int, other_id: int) -> None:
    [id] = make_products(session, workspace_id, "empty")
    with pytest.raises(NoData, match="empty"):
        snapshots.take(session, session.get_one(Product, id))


def test_a_neighbours_is_not_found(session: Session, product: Product, other_id: int) -> None:
    frozen = snapshots.take(session, product)
    with pytest.raises(NotFound):
        snapshots.get_snapshot(session, other_id, frozen.id)
