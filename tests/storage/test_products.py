from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storage import products
from storage.errors import BadCursor, NotFound
from tests.storage.factories import VERSION, analysis, make_products


def test_a_product_of_another_workspace_does_not_exist(
    session: Session, workspace_id: int, other_id: int
) -> None:
    [id] = make_products(session, workspace_id, "A1")
    assert products.get_product(session, workspace_id, id).external_id == "A1"
    with pytest.raises(NotFound, match=str(id)):
        products.get_product(session, other_id, id)
    assert products.product_by_external_id(session, other_id, "A1") is None


def test_loading_keeps_every_field(session: Session, workspace_id: int) -> None:
    row = {
        "external_id": "A1",
        "title": "保温杯",
        "description": "316 不锈钢",
        "category": "杯壶",
        "brand": "哈尔斯",
        "price": Decimal("89.90"),
        "launched_at": date(2026, 1, 2),
        "shop": "天猫",
    }
    products.copy_products(session, workspace_id, [row])
    found = products.product_by_external_id(session, workspace_id, "A1")
    assert {name: getattr(found, name) for name in row} == row


def test_loading_again_updates_but_an_empty_field_leaves_what_is_there(
    session: Session, workspace_id: int
) -> None:
    make_products(session, workspace_id, "A1", brand="旧", price=Decimal("10"))
    products.copy_products(session, workspace_id, [{"external_id": "A1", "title": "新", "price": None}])
    found = products.product_by_external_id(session, workspace_id, "A1")
    assert (found.title, found.brand, found.price) == ("新", "旧", Decimal("10"))


def test_the_later_of_two_rows_with_one_id_wins(session: Session, workspace_id: int) -> None:
    rows = [{"external_id": "A1", "title": "first"}, {"external_id": "A1", "title": "second"}]
    assert len(products.copy_products(session, workspace_id, rows)) == 1
    assert products.product_by_external_id(session, workspace_id, "A1").title == "second"


def test_only_new_and_changed_texts_need_reading(session: Session, workspace_id: int) -> None:
    row = {"external_id": "A1", "title": "杯", "description": "好"}
    [id] = products.copy_products(session, workspace_id, [row])
    products.save_analyses(session, workspace_id, [(id, analysis())], VERSION)
    assert products.copy_products(session, workspace_id, [row]) == []
    assert products.copy_products(session, workspace_id, [{**row, "price": Decimal("3")}]) == []
    assert products.copy_products(session, workspace_id, [{**row, "description": "更好"}]) == [id]


def test_texts_that_the_database_cannot_hold_are_cleaned(session: Session, workspace_id: int) -> None:
    products.copy_products(session, workspace_id, [{"external_id": "A1", "title": "a\x00b\ud800c\t\n\\N"}])
    assert products.product_by_external_id(session, workspace_id, "A1").title == "abc\t\n\\N"


def test_unknown_products_are_made_and_known_ones_kept(session: Session, workspace_id: int) -> None:
    [known] = make_products(session, workspace_id, "A1")
    found = products.ensure_products(session, workspace_id, {"A1": "other", "B2": "杯", "C3": None})
    assert found["A1"] == known
    assert products.get_product(session, workspace_id, known).title == "title of A1"
    assert products.get_product(session, workspace_id, found["B2"]).title == "杯"
    assert products.get_product(session, workspace_id, found["C3"]).title == "C3"
    assert products.ensure_products(session, workspace_id, {}) == {}


def test_search_matches_id_and_title_literally(session: Session, workspace_id: int, other_id: int) -> None:
    make_products(session, workspace_id, "SKU_100", "SKU-200", category="杯")
    make_products(session, other_id, "SKU_100")

    def found(**wanted: str) -> list[str]:
        page = products.list_products(session, workspace_id, **wanted)
        return [product.external_id for product in page.items]

    assert found(query="sku_1") == ["SKU_100"]
    assert sorted(found(query="OF SKU")) == ["SKU-200", "SKU_100"]
    assert found(query="%") == []
    assert sorted(found(category="杯")) == ["SKU-200", "SKU_100"]
    assert found(category="壶") == []
    assert products.words_in_use(session, workspace_id)["category"] == ["杯"]
    assert products.words_in_use(session, workspace_id)["shop"] == []
    assert products.count_products(session, workspace_id) == 2


def test_pages_join_to_the_whole_list(session: Session, workspace_id: int) -> None:
    ids = make_products(session, workspace_id, *(f"P{n}" for n in range(5)))
    seen, cursor = [], None
    while True:
        page = products.list_products(session, workspace_id, cursor=cursor, limit=2)
        seen += [product.id for product in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert seen == sorted(ids)
    with pytest.raises(BadCursor):
        products.list_products(session, workspace_id, cursor="nonsense")


def test_stale_products_are_those_another_version_read(session: Session, workspace_id: int) -> None:
    read, unread = make_products(session, workspace_id, "A1", "B2", description="好")
    products.save_analyses(session, workspace_id, [(read, analysis())], VERSION)
    assert products.stale_product_ids(session, workspace_id, VERSION) == [unread]
    assert products.stale_product_ids(session, workspace_id, "reader-2") == [read, unread]
    assert products.stale_product_ids(session, workspace_id, "reader-2", after=read) == [unread]
    [stale] = products.fetch_stale_products(session, workspace_id, [read, unread], VERSION)
    assert stale == products.ProductText(unread, "title of B2", "好", "")
    assert products.get_product(session, workspace_id, read).analysis["language"] == "zh"


def place(session: Session, workspace_id: int, id: int, row: list[float], version: str = VERSION) -> None:
    products.save_analyses(session, workspace_id, [(id, analysis() | {"embedding": row})], version)


def test_an_embedding_has_its_own_column(session: Session, workspace_id: int) -> None:
    [id] = make_products(session, workspace_id, "A1")
    place(session, workspace_id, id, [0.6, -0.8])
    found = products.get_product(session, workspace_id, id)
    assert "embedding" in inspect(found).unloaded
    assert found.embedding == pytest.approx([0.6, -0.8])
    assert "embedding" not in found.analysis
    place(session, workspace_id, id, [])
    with pytest.raises(IntegrityError, match="ck_products_embedding"), session.begin_nested():
        place(session, workspace_id, id, [[0.6], [0.8]])  # type: ignore[list-item]


def test_embeddings_are_those_of_one_version(session: Session, workspace_id: int, other_id: int) -> None:
    first, second, old, changed, unread = make_products(session, workspace_id, *"abcde")
    [foreign] = make_products(session, other_id, "f")
    place(session, workspace_id, second, [0.0, 1.0])
    place(session, workspace_id, first, [1.0, 0.0])
    place(session, workspace_id, old, [1.0, 0.0, 0.0], "reader-0")
    place(session, workspace_id, changed, [0.5, 0.5])
    place(session, other_id, foreign, [1.0, 1.0])
    products.copy_products(session, workspace_id, [{"external_id": "d", "title": "new title"}])
    ids, matrix = products.embeddings(session, workspace_id)
    assert (ids, matrix.tolist(), matrix.dtype) == ([first, second], [[1, 0], [0, 1]], "float32")
    assert unread not in ids
    ids, matrix = products.embeddings(session, workspace_id, [second, old, unread])
    assert (ids, matrix.tolist()) == ([second], [[0, 1]])
    assert products.count_embedded(session, workspace_id, [second, old, unread]) == 2


def test_no_embeddings_yet(session: Session, workspace_id: int) -> None:
    make_products(session, workspace_id, "a", category="箱包")
    ids, matrix = products.embeddings(session, workspace_id)
    assert (ids, matrix.shape) == ([], (0, 0))
    names, matrix = products.embeddings_by_category(session, workspace_id, VERSION)
    assert (names, matrix.shape) == ([], (0, 0))


def test_embeddings_by_category_are_the_newest_of_a_version(session: Session, workspace_id: int) -> None:
    bags = make_products(session, workspace_id, *"abc", category="箱包")
    [pen] = make_products(session, workspace_id, "d", category="文具")
    [other] = make_products(session, workspace_id, "e")
    for number, id in enumerate([*bags, pen, other]):
        place(session, workspace_id, id, [float(number)], "reader-0" if id == bags[0] else VERSION)
    names, matrix = products.embeddings_by_category(session, workspace_id, VERSION)
    assert (names, matrix.tolist()) == (["文具", "箱包", "箱包"], [[3], [2], [1]])
    assert products.embeddings_by_category(session, workspace_id, VERSION, limit=1)[0] == ["文具"]
