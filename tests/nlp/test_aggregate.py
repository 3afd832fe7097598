import math
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from nlp.aggregate import FEATURES, WINDOWS, daily_features, local_days

DAY = date(2025, 3, 1)


def review(product: str, day: int, **values: Any) -> dict[str, Any]:
    given = {"score": 0.5, "label": "positive", "rating": 5.0, "length": 10, "is_suspect": False}
    return {"product_id": product, "ds": DAY + timedelta(days=day), **given, **values}


def random_reviews(seed: int, products: int = 4, days: int = 60, rows: int = 150) -> pd.DataFrame:
    source = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "product_id": source.choice([f"p{number}" for number in range(products)], rows),
            "ds": pd.Timestamp(DAY) + pd.to_timedelta(source.integers(0, days, rows), unit="D"),
            "score": np.where(source.random(rows) < 0.1, np.nan, source.uniform(-1, 1, rows)),
            "label": source.choice(["negative", "neutral", "positive", "uncertain"], rows),
            "rating": np.where(source.random(rows) < 0.3, np.nan, source.integers(1, 6, rows)),
            "length": source.integers(0, 300, rows),
            "is_suspect": source.random(rows) < 0.2,
        }
    ).assign(label=lambda frame: frame["label"].where(frame["score"].notna(), None))


def mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else math.nan


def by_hand(reviews: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    """Compute the features one product, day and review at a time: the truth for the vectorised code."""
    rows = []
    for product, own in reviews.groupby("product_id"):
        carried: dict[str, float] = {}
        for day in pd.date_range(own["ds"].min(), end):
            row: dict[str, Any] = {"product_id": product, "ds": day}
            row |= described(own[own["ds"] == day])
            for window in WINDOWS:
                recent = own[(own["ds"] <= day) & (own["ds"] > day - pd.Timedelta(days=window))]
                row[f"reviews_{window}"] = len(recent) / window
                values = described(recent)
                for name in ("sentiment_mean", "negative_share", "positive_share", "rating_mean"):
                    key = f"{name}_{window}"
                    carried[key] = (
                        values[name] if not math.isnan(values[name]) else carried.get(key, math.nan)
                    )
                    row[key] = carried[key]
            rows.append(row)
    return pd.DataFrame(rows)[["product_id", "ds", *FEATURES]]


def described(some: pd.DataFrame) -> dict[str, float]:
    scores = [score for score in some["score"] if not math.isnan(score)]
    middle = mean(scores)
    labels = [
        label for label, score in zip(some["label"], some["score"], strict=True) if not math.isnan(score)
    ]
    return {
        "reviews": len(some),
        "sentiment_mean": middle,
        "sentiment_std": math.sqrt(mean([(score - middle) ** 2 for score in scores])) if scores else math.nan,
        "negative_share": mean([float(label == "negative") for label in labels]),
        "positive_share": mean([float(label == "positive") for label in labels]),
        "rating_mean": mean([rating for rating in some["rating"] if not math.isnan(rating)]),
        "length_mean": mean([float(length) for length in some["length"]]),
        "suspect_share": mean([float(suspect) for suspect in some["is_suspect"]]),
    }


@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_the_slow_truth(seed: int) -> None:
    reviews = random_reviews(seed, rows=60)
    expected = by_hand(reviews, reviews["ds"].max())
    found = daily_features(reviews)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, rtol=1e-12)


def test_a_small_case_by_heart() -> None:
    reviews = pd.DataFrame(
        [
            review("a", 0, score=1.0, rating=5.0, length=4),
            review("a", 0, score=-1.0, label="negative", rating=None, length=8, is_suspect=True),
            review("a", 2, score=0.5),
        ]
    )
    found = daily_features(reviews, end=DAY + timedelta(days=3)).set_index("ds")
    assert found["reviews"].tolist() == [2, 0, 1, 0]
    first, empty, third, last = (found.iloc[place] for place in range(4))
    assert (first["sentiment_mean"], first["sentiment_std"], first["negative_share"]) == (0.0, 1.0, 0.5)
    assert (first["rating_mean"], first["length_mean"], first["suspect_share"]) == (5.0, 6.0, 0.5)
    assert empty[["sentiment_mean", "sentiment_std", "rating_mean", "suspect_share"]].isna().all()
    assert third["sentiment_mean_7"] == pytest.approx(0.5 / 3)  # three reviews weigh alike, not two days
    assert last["reviews_7"] == pytest.approx(3 / 7)
    assert last["positive_share_28"] == pytest.approx(2 / 3)


def test_smoothed_columns_carry_on_over_silence() -> None:
    reviews = pd.DataFrame([review("a", 0, score=-0.4, label="negative")])
    found = daily_features(reviews, end=DAY + timedelta(days=100))
    assert len(found) == 101
    assert (found["sentiment_mean_7"] == -0.4).all()
    assert found["reviews_28"].iloc[-1] == 0


@pytest.mark.parametrize("seed", range(3))
def test_a_review_counts_what_it_weighs(seed: int) -> None:
    reviews = random_reviews(seed, products=1)
    reviews.loc[0, "ds"] = pd.Timestamp(DAY)
    weight = np.random.default_rng(seed).integers(0, 3, len(reviews))
    weight[0] = 1
    end = reviews["ds"].max()
    found = daily_features(reviews.assign(weight=weight), end=end)
    repeated = daily_features(reviews.loc[reviews.index.repeat(weight)], end=end)
    pd.testing.assert_frame_equal(found, repeated, check_dtype=False)
    half = daily_features(reviews.assign(weight=0.5), end=end)
    whole = daily_features(reviews, end=end)
    counts = ["reviews", "reviews_7", "reviews_28"]
    pd.testing.assert_frame_equal(half[counts] * 2, whole[counts].astype(float))
    pd.testing.assert_frame_equal(half.drop(columns=counts), whole.drop(columns=counts))


def test_products_do_not_touch_each_other() -> None:
    reviews = random_reviews(1)
    end = reviews["ds"].max()
    together = daily_features(reviews, end=end)
    for product, own in reviews.groupby("product_id"):
        alone = daily_features(own, end=end)
        among = together[together["product_id"] == product].reset_index(drop=True)
        pd.testing.assert_frame_equal(alone, among, check_exact=True)


@pytest.mark.parametrize("cutoff", [0, 7, 20, 45])
def test_nothing_after_a_day_changes_it(cutoff: int) -> None:
    reviews, day = random_reviews(2), DAY + timedelta(days=cutoff)
    known = daily_features(reviews[reviews["ds"] <= pd.Timestamp(day)], end=day)
    later = reviews.assign(score=reviews["score"].where(reviews["ds"] <= pd.Timestamp(day), -1.0))
    for more in (reviews, later):
        table = daily_features(more)
        found = table[table["ds"] <= pd.Timestamp(day)].reset_index(drop=True)
        pd.testing.assert_frame_equal(found, known, check_exact=True)
        pd.testing.assert_frame_equal(daily_features(more, end=day), known, check_exact=True)


def test_start_cuts_or_pads_but_forgets_nothing() -> None:
    reviews = pd.DataFrame([review("a", 0), review("a", 3, score=-0.5, label="negative"), review("b", 5)])
    whole = daily_features(reviews)
    cut = daily_features(reviews, start=DAY + timedelta(days=2))
    later = whole["ds"] >= pd.Timestamp(DAY + timedelta(days=2))
    own = cut[cut["product_id"] == "a"].reset_index(drop=True)
    pd.testing.assert_frame_equal(own, whole[later & (whole["product_id"] == "a")].reset_index(drop=True))
    padded = daily_features(reviews, start=DAY - timedelta(days=1))
    assert padded.groupby("product_id").size().tolist() == [7, 7]
    before = padded[(padded["product_id"] == "b") & (padded["ds"] < pd.Timestamp(DAY + timedelta(days=5)))]
    assert (before["reviews"] == 0).all()
    assert before["sentiment_mean_7"].isna().all()


def test_order_of_reviews_does_not_matter() -> None:
    reviews = random_reviews(3)
    shuffled = reviews.sample(frac=1, random_state=0)
    pd.testing.assert_frame_equal(daily_features(reviews), daily_features(shuffled), rtol=1e-12)


def test_no_reviews_and_no_reviews_by_the_end() -> None:
    reviews = pd.DataFrame([review("a", 10)])
    for found in (daily_features(reviews.iloc[:0]), daily_features(reviews, end=DAY)):
        assert list(found.columns) == ["product_id", "ds", *FEATURES]
        assert len(found) == 0


def test_missing_columns_are_named() -> None:
    with pytest.raises(ValueError, match="rating, is_suspect"):
        daily_features(pd.DataFrame([review("a", 0)]).drop(columns=["rating", "is_suspect"]))


def test_integer_ids_and_object_columns_from_a_database() -> None:
    reviews = pd.DataFrame([review("a", 0, rating=None), review("a", 1, rating=4)]).assign(product_id=7)
    reviews["rating"] = reviews["rating"].astype(object).where(reviews["rating"].notna(), None)
    reviews["score"] = pd.Series([None, 0.5], dtype=object)
    found = daily_features(reviews)
    assert found["product_id"].tolist() == [7, 7]
    assert found["rating_mean_7"].tolist()[1] == 4.0
    assert math.isnan(found["sentiment_mean"][0])


def test_a_year_of_five_hundred_products_is_quick() -> None:
    reviews = random_reviews(4, products=500, days=365, rows=200_000)
    start = time.process_time()
    found = daily_features(reviews)
    assert time.process_time() - start < 15
    assert 150_000 < len(found) <= 500 * 365


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        ("2025-11-10T15:59:59+00:00", "Asia/Shanghai", "2025-11-10"),
        ("2025-11-10T16:00:00+00:00", "Asia/Shanghai", "2025-11-11"),
        ("2025-11-11T00:00:00+08:00", "UTC", "2025-11-10"),
        ("2025-03-30T00:30:00+00:00", "Europe/Paris", "2025-03-30"),
        ("2025-03-30T22:30:00+00:00", "Europe/Paris", "2025-03-31"),
    ],
)
def test_days_are_the_shops(moment: str, zone: str, day: str) -> None:
    (found,) = local_days(pd.Series([datetime.fromisoformat(moment)]), zone)
    assert found == pd.Timestamp(day)


def test_moments_of_several_zones_together() -> None:
    moments = [
        datetime(2025, 1, 1, 23, tzinfo=UTC),
        datetime(2025, 1, 1, 23, tzinfo=ZoneInfo("Asia/Shanghai")),
    ]
    found = local_days(pd.Series(moments, dtype=object, index=[5, 6]))
    assert found.dt.day.tolist() == [2, 1]
    assert found.index.tolist() == [5, 6]


@pytest.mark.parametrize("dtype", ["datetime64[us]", object])
def test_moments_without_a_zone_are_refused(dtype: Any) -> None:
    with pytest.raises(ValueError, match="time zone"):
        local_days(pd.Series([datetime(2025, 1, 1)], dtype=dtype))
