"""The demo's planted truths, read from the words alone: one product is helped by sentiment, one is not."""

from datetime import date
from typing import Any

import pandas as pd
import pytest

import demo
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Grid
from forecasting.lift import measure_lift
from nlp import Analyzer
from nlp.aggregate import daily_features
from workers.lags import daily_means, lags_of
from workers.panel import COUNTED, SENTIMENT

NAMES = {"product_id": "unique_id", "date": "ds", "units": "y"}
WINDOWS = 26  # as many as the service takes for a shop of this size


@pytest.fixture(scope="module")
def shop() -> demo.Demo:
    return demo.generate(seed=7, end=date(2026, 11, 22))


@pytest.fixture(scope="module")
def features(shop: demo.Demo) -> pd.DataFrame:
    """Return what the shipped classifier makes of the demo's reviews, per product and day."""
    wanted = [shop.truths[role]["product_id"] for role in ("smell", "noise")]
    reviews = shop.reviews[shop.reviews["product_id"].isin(wanted)].reset_index(drop=True)
    read = [
        row["sentiment"] for row in Analyzer.load(threads=2)(reviews["text"].tolist(), only=["sentiment"])
    ]
    return daily_features(
        reviews.assign(
            ds=pd.to_datetime(reviews["created_at"]).dt.tz_localize(None).dt.normalize(),
            score=[row["score"] for row in read],
            label=[row["label"] for row in read],
            length=reviews["text"].str.len(),
            is_suspect=False,
        )
    )


@pytest.fixture(scope="module")
def sold(shop: demo.Demo) -> pd.DataFrame:
    sales = shop.sales.rename(columns=NAMES).assign(ds=lambda frame: pd.to_datetime(frame["ds"]))
    return sales[["unique_id", "ds", "y", "promo", "price", "stockout"]].astype(
        {"promo": float, "stockout": float}
    )


@pytest.fixture(scope="module")
def verdicts(sold: pd.DataFrame, features: pd.DataFrame) -> dict[str, dict[str, Any]]:
    columns = ["unique_id", "ds", *COUNTED, *SENTIMENT]
    said = features.rename(columns=NAMES)[columns].assign(ds=lambda frame: pd.to_datetime(frame["ds"]))
    spec = PanelSpec(future=("promo", "price"), past=(*COUNTED, *SENTIMENT))
    panel = validate_panel(sold.merge(said, on=["unique_id", "ds"], how="left"), spec)
    lift = measure_lift(Grid.from_frame(panel, spec), SENTIMENT, n_windows=WINDOWS)
    return {row["unique_id"]: row for row in lift["products"]}


def test_complaints_that_foretell_falling_sales_help(
    shop: demo.Demo, verdicts: dict[str, dict[str, Any]]
) -> None:
    smell = verdicts[shop.truths["smell"]["product_id"]]
    assert smell["verdict"] == "helps"
    assert smell["wape_with"] < 0.97 * smell["wape_without"]
    assert smell["q_value"] < 0.01


def test_reviews_that_are_noise_do_not(shop: demo.Demo, verdicts: dict[str, dict[str, Any]]) -> None:
    assert verdicts[shop.truths["noise"]["product_id"]]["verdict"] == "none"


def test_no_other_product_is_said_to_be_helped(shop: demo.Demo, verdicts: dict[str, dict[str, Any]]) -> None:
    helped = [name for name, row in verdicts.items() if row["verdict"] == "helps"]
    assert helped == [shop.truths["smell"]["product_id"]]


def test_complaints_lead_sales_by_the_planted_days(
    shop: demo.Demo, sold: pd.DataFrame, features: pd.DataFrame
) -> None:
    said = features.rename(columns=NAMES)[["unique_id", "ds", "reviews"]].assign(
        **{name: features[name] * features["reviews"] for name in ("sentiment_mean", "negative_share")}
    )
    full = sold.merge(said, on=["unique_id", "ds"], how="left").fillna(0.0)
    means = daily_means(full, ["sentiment_mean", "negative_share"])
    lags = lags_of(sold.join(means), ("promo", "price"))
    smell, noise = (lags[shop.truths[role]["product_id"]] for role in ("smell", "noise"))
    assert [(row["verdict"], row["lag"]) for row in smell] == [
        ("leads", shop.truths["smell"]["lag_days"])
    ] * 2
    assert [row["verdict"] for row in noise] == ["none"] * 2
