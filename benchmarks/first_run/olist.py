"""Joins the files that Olist publishes into reviews and orders by product category.

Single products of Olist sell too seldom to forecast, so a category stands for a product.
"""

import argparse
from pathlib import Path

import pandas as pd


def read(folder: Path, name: str) -> pd.DataFrame:
    """Return the one file of `folder` whose name holds ``_NAME.csv``, ids as text."""
    (path,) = folder.glob(f"*_{name}.csv*")
    return pd.read_csv(path, dtype=str)


def lines_of(items: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """Return one row an order and category with its `quantity` and mean `unit_price`."""
    known = items.merge(products[["product_id", "product_category_name"]], on="product_id")
    known = known.dropna(subset="product_category_name").assign(
        price=lambda frame: frame["price"].astype(float)
    )
    grouped = known.groupby(["order_id", "product_category_name"])["price"].agg(
        quantity="size", unit_price="mean"
    )
    return grouped.reset_index().rename(columns={"product_category_name": "product_id"})


def orders_of(lines: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """Return the order lines with the time of the order and its customer."""
    columns = {"order_purchase_timestamp": "ordered_at"}
    kept = orders[["order_id", "customer_id", *columns]].rename(columns=columns)
    return lines.merge(kept, on="order_id")


def reviews_of(lines: pd.DataFrame, reviews: pd.DataFrame) -> pd.DataFrame:
    """Return the written reviews, dated when they were answered for each category of their order."""
    names = {
        "review_score": "rating",
        "review_comment_message": "text",
        "review_answer_timestamp": "created_at",
    }
    written = reviews.dropna(subset="review_comment_message").rename(columns=names)
    joined = written.merge(lines[["order_id", "product_id"]], on="order_id")
    joined["review_id"] = joined["review_id"] + "-" + joined["product_id"]
    return joined[["review_id", "product_id", *names.values()]]


def main() -> None:
    """Write reviews.csv and orders.csv."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.first_run.olist", description=__doc__)
    parser.add_argument(
        "folder", type=Path, help="holds …_orders.csv, …_order_items.csv, …_order_reviews.csv, …"
    )
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    lines = lines_of(read(options.folder, "order_items"), read(options.folder, "products"))
    orders_of(lines, read(options.folder, "orders")).to_csv(options.out / "orders.csv", index=False)
    reviews_of(lines, read(options.folder, "order_reviews")).to_csv(options.out / "reviews.csv", index=False)


if __name__ == "__main__":
    main()
