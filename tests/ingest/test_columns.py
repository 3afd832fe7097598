import pytest

from ingest import WrongColumnsError
from ingest.columns import fields_of, folded, match, missing, require
from ingest.fields import KINDS


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Product_ID", "productid"),
        (" product id ", "productid"),
        ("价格（元）", "价格"),
        ("销量(件)", "销量"),
        ("\ufeff评论内容", "评论内容"),
        ("ＳＫＵ", "sku"),
        ("*日期", "日期"),
        ("(x)", "(x)"),
    ],
)
def test_names_are_folded(name: str, expected: str) -> None:
    assert folded(name) == expected


def test_chinese_review_headers() -> None:
    columns = ["商品编号", "评论内容", "评论时间", "星级", "买家昵称", "规格", "备注"]
    assert match(columns, "reviews") == {
        "商品编号": "product_id",
        "评论内容": "text",
        "评论时间": "created_at",
        "星级": "rating",
        "买家昵称": "user_id",
        "规格": "sku",
    }


def test_panel_headers_are_sales() -> None:
    assert match(["unique_id", "ds", "y", "views", "holiday"], "sales") == {
        "unique_id": "product_id",
        "ds": "date",
        "y": "units",
        "views": "views",
    }


def test_invoice_headers_are_orders() -> None:
    columns = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"]
    assert list(match(columns, "orders").values()) == [
        "order_id",
        "product_id",
        "quantity",
        "ordered_at",
        "unit_price",
        "customer_id",
    ]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_synonym_finds_its_field(kind: str) -> None:
    for field in KINDS[kind]:
        for name in field.accepted:
            found = match([name], kind)[name]
            assert found == field.name or (kind, field.name, found) == ("reviews", "sku", "product_id")


def test_the_first_synonym_wins_and_the_other_stays_unmapped() -> None:
    assert match(["评价", "评论内容"], "reviews") == {"评论内容": "text"}


def test_sku_is_the_product_only_when_nothing_else_is() -> None:
    assert match(["SKU"], "reviews") == {"SKU": "product_id"}
    assert match(["商品ID", "SKU"], "reviews") == {"商品ID": "product_id", "SKU": "sku"}


def test_the_hand_made_mapping_goes_first() -> None:
    matched = match(["a", "评论内容"], "reviews", {"a": "text"})
    assert matched == {"a": "text"}


def test_a_column_can_be_ignored() -> None:
    assert match(["评论内容", "评分"], "reviews", {"评分": ""}) == {"评论内容": "text"}


def test_an_ignored_column_leaves_its_field_to_another() -> None:
    assert match(["评论内容", "评价"], "reviews", {"评论内容": ""}) == {"评价": "text"}


def test_extra_is_for_sales_and_for_several_columns() -> None:
    mapping = {"a": "extra", "b": "extra"}
    assert match(["a", "b", "ds"], "sales", mapping) == {"a": "extra", "b": "extra", "ds": "date"}
    with pytest.raises(WrongColumnsError) as caught:
        match(["a"], "reviews", {"a": "extra"})
    assert caught.value.code == "unknown_field"


@pytest.mark.parametrize(
    ("mapping", "code", "named"),
    [
        ({"x": "text"}, "unknown_column", "x"),
        ({"a": "txt"}, "unknown_field", "txt"),
        ({"a": "text", "b": "text"}, "duplicate_field", "a, b"),
    ],
)
def test_a_wrong_mapping_names_what_is_wrong(mapping: dict[str, str], code: str, named: str) -> None:
    with pytest.raises(WrongColumnsError) as caught:
        match(["a", "b"], "reviews", mapping)
    assert caught.value.code == code
    assert named in caught.value.reason("zh")
    assert named in caught.value.reason("en")


def test_an_unknown_kind_lists_the_known_ones() -> None:
    with pytest.raises(WrongColumnsError, match="reviews, products, sales, orders"):
        fields_of("review")


def test_missing_names_required_fields_only() -> None:
    assert missing({"a": "text"}, "reviews") == ["product_id", "created_at"]
    assert missing({"a": "product_id", "b": "date", "c": "units"}, "sales") == []


def test_require_says_what_is_there_what_is_missing_and_what_would_do() -> None:
    with pytest.raises(WrongColumnsError) as caught:
        require(["商品ID", "内容x"], {"商品ID": "product_id"}, "reviews")
    reason = caught.value.reason("zh")
    assert "created_at, text" in reason
    assert "商品ID, 内容x" in reason
    assert "评论内容" in reason
    assert "评论时间" in reason


def test_a_very_wide_header_is_shortened_in_the_message() -> None:
    with pytest.raises(WrongColumnsError) as caught:
        require([f"列{i}" * 100 for i in range(1000)], {}, "sales")
    assert len(caught.value.reason()) < 3_000
