"""`python -m benchmarks.forecasting.reviewed`: a panel of daily sales and what reviews said by each day.

The scores are what `python -m nlp analyze REVIEWS.csv --only sentiment,suspect` wrote, a line a review. A
review counts from the day it arrived.
"""

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from nlp.aggregate import daily_features, local_days

SAID = ("sentiment_mean_7", "negative_share_7", "sentiment_mean_28", "negative_share_28")
COUNTED = "reviews_7"


def scored(reviews: pd.DataFrame, lines: Iterable[str], timezone: str) -> pd.DataFrame:
    """Return the reviews with day of arrival, score and label, as `daily_features` wants them."""
    found = [json.loads(line) for line in lines]
    if len(found) != len(reviews):
        raise ValueError(f"{len(reviews)} reviews, but {len(found)} scores")
    moments = pd.to_datetime(reviews["created_at"]).dt.tz_localize(
        timezone, ambiguous=True, nonexistent="shift_forward"
    )
    return pd.DataFrame(
        {
            "product_id": reviews["product_id"].to_numpy(),
            "ds": local_days(moments, timezone).to_numpy(),
            "score": [item["sentiment"]["score"] for item in found],
            "label": [item["sentiment"]["label"] for item in found],
            "rating": reviews["rating"].astype(float).to_numpy(),
            "length": reviews["text"].str.len().to_numpy(),
            "is_suspect": [item["suspect"]["is_suspect"] for item in found],
        }
    )


def daily_sales(sold: pd.DataFrame) -> pd.DataFrame:
    """Return ``product_id, ds, y`` from daily units or from lines of orders."""
    day, units = ("date", "units") if "units" in sold else ("ordered_at", "quantity")
    sold = sold.assign(ds=pd.to_datetime(sold[day]).dt.normalize(), y=sold[units].astype(float))
    return sold.groupby(["product_id", "ds"], as_index=False)["y"].sum()


def panel_of(sales: pd.DataFrame, reviews: pd.DataFrame, least: int = 1) -> pd.DataFrame:
    """Join sales with the features known at the end of each day.

    Parameters
    ----------
    sales : DataFrame
        ``product_id, ds, y``; a day without a row sold nothing.
    reviews : DataFrame
        What `scored` returned.
    least : int
        Units a product must have sold to be kept.
    """
    total = sales.groupby("product_id")["y"].transform("sum")
    sales = sales[total >= least]
    first = sales.groupby("product_id")["ds"].min()
    days = [
        pd.DataFrame({"product_id": uid, "ds": pd.date_range(day, sales["ds"].max())})
        for uid, day in first.items()
    ]
    said = daily_features(reviews, end=sales["ds"].max())[["product_id", "ds", COUNTED, *SAID]]
    panel = pd.concat(days).merge(sales, how="left").merge(said, how="left", on=["product_id", "ds"])
    panel = panel.fillna({"y": 0.0, COUNTED: 0.0})
    return panel.rename(columns={"product_id": "unique_id"})


def main(arguments: Any = None) -> int:
    """Write the panel."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forecasting.reviewed", description=__doc__)
    parser.add_argument("reviews", type=Path, help="CSV: product_id, created_at, rating, text")
    parser.add_argument("scores", type=Path, help="JSON lines of the same reviews")
    parser.add_argument("sales", type=Path, help="CSV: product_id, date, units; or ordered_at, quantity")
    parser.add_argument("panel", type=Path)
    parser.add_argument("--timezone", default="Asia/Shanghai")
    parser.add_argument("--least", type=int, default=1, help="units a product must have sold")
    options = parser.parse_args(arguments)
    ids = {"product_id": str}
    reviews, sold = (pd.read_csv(path, dtype=ids) for path in (options.reviews, options.sales))
    with options.scores.open(encoding="utf-8") as lines:
        known = scored(reviews, lines, options.timezone)
    panel_of(daily_sales(sold), known, options.least).to_csv(options.panel, index=False)
    return 0


if __name__ == "__main__":
    main()
