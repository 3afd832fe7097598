import pytest

from ingest import KINDS, template
from ingest.columns import folded, match, missing

CONTRACT = {
    "reviews": "product_id created_at text review_id rating user_id title source sku purchased_at channel "
    "incentivised",
    "products": "product_id title description category brand price launched_at shop",
    "sales": "product_id date units revenue price promo stockout views visitors carts",
    "orders": "order_id product_id ordered_at quantity unit_price customer_id",
}
REQUIRED = {
    "reviews": "product_id created_at text",
    "products": "product_id title",
    "sales": "product_id date units",
    "orders": "order_id product_id ordered_at quantity",
}


@pytest.mark.parametrize("kind", sorted(CONTRACT))
def test_the_fields_of_the_contract_are_all_there(kind: str) -> None:
    assert set(CONTRACT[kind].split()) <= {field.name for field in KINDS[kind]}
    assert [field.name for field in KINDS[kind] if field.required] == REQUIRED[kind].split()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_name_stands_for_two_fields(kind: str) -> None:
    owners: dict[str, set[str]] = {}
    for field in KINDS[kind]:
        for name in field.accepted:
            owners.setdefault(folded(name), set()).add(field.name)
    shared = {name for name, fields in owners.items() if len(fields) > 1}
    assert shared == ({"sku"} if kind == "reviews" else set())


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_template_is_understood(kind: str, language: str) -> None:
    header = template(kind, language)
    matched = match(header, kind)
    assert len(matched) == len(header) == len(KINDS[kind])
    assert missing(matched, kind) == []


def test_templates_speak_both_languages() -> None:
    assert template("sales", "zh")[:3] == ["商品ID", "日期", "销量"]
    assert template("sales", "en")[:3] == ["product_id", "date", "units"]


def test_an_unknown_kind_has_no_template() -> None:
    with pytest.raises(KeyError):
        template("review")
