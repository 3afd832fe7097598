import numpy as np
import pandas as pd
import pytest

import demo
from demo.items import ITEMS
from demo.phrases import EMPTY


@pytest.fixture(scope="module")
def reviews(shop: demo.Demo) -> pd.DataFrame:
    planted = set(shop.truths["suspect"]["review_ids"])
    return shop.reviews[~shop.reviews["review_id"].isin(planted)]


def test_a_review_arrives_some_days_after_the_purchase(reviews: pd.DataFrame) -> None:
    waited = (
        pd.to_datetime(reviews["created_at"]).dt.normalize()
        - pd.to_datetime(reviews["purchased_at"]).dt.normalize()
    )
    assert waited.dt.days.min() == 2
    assert 4 < waited.dt.days.mean() < 8
    assert waited.dt.days.max() > 12


def test_stars_mostly_agree_with_the_words(reviews: pd.DataFrame) -> None:
    sad = reviews["text"].str.contains("失望，|差评|退货|不推荐|后悔")
    sad &= ~reviews["text"].str.contains("没失望|没有失望")
    glad = reviews["text"].str.contains("值得推荐|非常满意|五星好评|会回购")
    glad &= ~reviews["text"].str.contains("非常不满意")
    assert (reviews.loc[sad, "rating"] <= 2).mean() > 0.8
    assert (reviews.loc[glad, "rating"] >= 4).mean() > 0.93
    assert (reviews.loc[glad, "rating"] <= 2).any()


def test_ordinary_products_are_mostly_liked(reviews: pd.DataFrame) -> None:
    ordinary = {item.product_id for item in ITEMS if item.role == "ordinary"}
    ratings = reviews[reviews["product_id"].isin(ordinary)].groupby("product_id")["rating"]
    assert ratings.mean().between(4.0, 4.8).all()
    assert ((ratings.agg(lambda stars: (stars <= 2).mean())) < 0.16).all()


def test_some_say_nothing(reviews: pd.DataFrame) -> None:
    assert 0.005 < (reviews["text"] == EMPTY).mean() < 0.03


def test_skus_are_the_products(reviews: pd.DataFrame) -> None:
    for item in ITEMS:
        assert set(reviews.loc[reviews["product_id"] == item.product_id, "sku"]) == set(item.skus)


def test_users_are_many(reviews: pd.DataFrame) -> None:
    assert reviews["user_id"].nunique() > 4_000
    assert reviews["user_id"].str.fullmatch(r"u\d{5}").all()


def test_people_write_by_day(reviews: pd.DataFrame) -> None:
    hours = np.bincount(pd.to_datetime(reviews["created_at"]).dt.hour, minlength=24)
    assert hours[12:22].sum() > 3 * hours[:8].sum()
