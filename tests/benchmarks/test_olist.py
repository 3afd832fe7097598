import pandas as pd

from benchmarks.first_run.olist import lines_of, orders_of, reviews_of

ITEMS = pd.DataFrame(
    {"order_id": ["o1", "o1", "o1", "o2"], "product_id": ["p1", "p2", "p3", "p4"], "price": list("1359")}
)
PRODUCTS = pd.DataFrame(
    {"product_id": ["p1", "p2", "p3", "p4"], "product_category_name": ["toys", "toys", "books", None]}
)
ORDERS = pd.DataFrame(
    {
        "order_id": ["o1", "o2"],
        "customer_id": ["c1", "c2"],
        "order_purchase_timestamp": ["2018-01-02 10:00:00"] * 2,
    }
)
REVIEWS = pd.DataFrame(
    {
        "review_id": ["r1", "r2"],
        "order_id": ["o1", "o1"],
        "review_score": ["5", "1"],
        "review_comment_message": ["muito bom", None],
        "review_answer_timestamp": ["2018-01-09 08:00:00", "2018-01-10 08:00:00"],
    }
)


def test_items_of_one_category_become_one_line() -> None:
    lines = lines_of(ITEMS, PRODUCTS)
    assert lines.to_dict("records") == [
        {"order_id": "o1", "product_id": "books", "quantity": 1, "unit_price": 5.0},
        {"order_id": "o1", "product_id": "toys", "quantity": 2, "unit_price": 2.0},
    ]


def test_orders_carry_their_time_and_customer() -> None:
    orders = orders_of(lines_of(ITEMS, PRODUCTS), ORDERS)
    assert set(orders["product_id"]) == {"books", "toys"}
    assert set(orders["ordered_at"]) == {"2018-01-02 10:00:00"}
    assert set(orders["customer_id"]) == {"c1"}


def test_a_review_counts_for_each_category_of_its_order_and_only_when_written() -> None:
    reviews = reviews_of(lines_of(ITEMS, PRODUCTS), REVIEWS)
    assert sorted(reviews["review_id"]) == ["r1-books", "r1-toys"]
    assert set(reviews["created_at"]) == {"2018-01-09 08:00:00"}
    assert set(reviews["rating"]) == {"5"}
