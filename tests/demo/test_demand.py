"""What each number of an item does to its sales, one at a time."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from demo.complaints import Complaints, none
from demo.festivals import platform_sales
from demo.items import ITEMS, Item
from demo.reviews import product_reviews
from demo.sales import daily_sales
from demo.texts import Writer

DAYS = [dt.date(2024, 7, 1) + dt.timedelta(days=n) for n in range(731)]
PLAIN = replace(ITEMS[0], units=400.0, growth=0.0, season=0.0, promo_lift=1.0, role="ordinary")


def sold(item: Item, seed: int = 1, days: list[dt.date] = DAYS) -> pd.DataFrame:
    return daily_sales(item, days, np.ones(len(days)), np.random.default_rng(seed))


def lift(item: Item) -> float:
    sales = sold(item)
    usual = sales[(sales["stockout"] == 0) & ~platform_sales(DAYS)]
    means = usual.groupby("promo")["units"].mean()
    return float(means[1] / means[0])


def reviews(item: Item, complaints: Complaints, days: int = 300) -> pd.DataFrame:
    rng, units = np.random.default_rng(5), np.full(days, 60)
    return product_reviews(replace(item, per_unit=0.08), DAYS[:days], units, complaints, rng)


def test_ids_count_up_and_shop_names_are_distinct() -> None:
    assert [item.product_id for item in ITEMS] == [f"D{1000 + n}" for n in range(1, len(ITEMS) + 1)]
    assert len({item.title for item in ITEMS}) == len({item.brand for item in ITEMS}) == len(ITEMS)


def test_variants_and_aspects_of_an_item_are_distinct() -> None:
    for item in ITEMS:
        assert len(set(item.skus)) == len(item.skus) >= 2, item.product_id
        assert len(set(item.aspects)) == len(item.aspects) >= 3, item.product_id


def test_only_the_smelling_item_can_smell() -> None:
    assert [item.role for item in ITEMS if "气味" in item.aspects] == ["smell"]


def test_the_same_seed_sells_the_same() -> None:
    assert sold(PLAIN, 3).equals(sold(PLAIN, 3))
    assert not sold(PLAIN, 3)["units"].equals(sold(PLAIN, 4)["units"])


@pytest.mark.parametrize("wanted", [1.0, 1.5, 2.0])
def test_a_promotion_lifts_sales_by_the_items_factor(wanted: float) -> None:
    assert lift(replace(PLAIN, promo_lift=wanted)) == pytest.approx(wanted, rel=0.12)


@pytest.mark.parametrize(("peak", "month"), [(15, 1), (105, 4), (196, 7), (288, 10)])
def test_the_season_peaks_on_its_day(peak: int, month: int) -> None:
    sales = sold(replace(PLAIN, season=1.5, peak=peak))
    means = sales.groupby([day.month for day in DAYS])["units"].mean()
    assert abs((means.idxmax() - month + 6) % 12 - 6) <= 1
    assert means.max() > 8 * means.min()


def test_growth_is_on_the_log_scale_a_year() -> None:
    sales = sold(replace(PLAIN, growth=0.7))
    assert sales["units"][365:].sum() / sales["units"][:365].sum() == pytest.approx(np.exp(0.7), rel=0.1)


def test_every_sale_of_the_platform_is_joined_and_some_promotions_are_the_shops_own() -> None:
    promo = sold(PLAIN)["promo"].to_numpy(bool)
    assert promo[platform_sales(DAYS)].all()
    assert 0.03 < promo[~platform_sales(DAYS)].mean() < 0.2


def test_a_stock_out_sells_less_than_half_but_shoppers_still_look() -> None:
    sales = sold(PLAIN).assign(ratio=lambda frame: frame["units"] / frame["views"])
    ratio = sales.groupby("stockout")["ratio"]
    assert ratio.max()[1] < 0.6 * ratio.median()[0]
    assert sales.groupby("stockout")["views"].mean()[1] > 0.5 * sales["views"].mean()


def test_a_young_product_is_never_out_of_stock() -> None:
    for seed in range(20):
        assert not sold(PLAIN, seed, DAYS[:45])["stockout"].any()


def test_stars_follow_the_share_of_complaints() -> None:
    calm = reviews(ITEMS[1], none(300))["rating"]
    stormy = reviews(ITEMS[1], Complaints(np.ones(300), [(0, 299)]))["rating"]
    assert calm.mean() > 4.2
    assert stormy.mean() < 2.2
    assert set(calm) == set(stormy) == {1, 2, 3, 4, 5}


def test_an_episode_of_the_smelling_item_is_about_the_smell() -> None:
    stormy = Complaints(np.ones(300), [(0, 299)])
    smell, other = (
        reviews(item, stormy)["text"].str.contains("味").mean() for item in (ITEMS[0], replace(PLAIN))
    )
    assert smell > 0.4
    assert other < 0.1


def test_reviews_of_the_last_purchases_are_not_yet_there() -> None:
    arrived = pd.to_datetime(reviews(ITEMS[1], none(300))["created_at"])
    assert arrived.max().date() <= DAYS[299]
    assert arrived.min().date() >= DAYS[2]


def test_a_seed_writes_the_same_hundred_texts_and_another_seed_others() -> None:
    first, again, other = (
        [made.write("positive") for _ in range(100)]
        for made in (Writer(("保温", "密封"), np.random.default_rng(seed)) for seed in (1, 1, 2))
    )
    assert first == again
    assert len(set(first) & set(other)) < 10


def test_a_writer_does_not_touch_the_aspects_it_was_given() -> None:
    aspects = ["保温", "密封"]
    made = Writer(aspects, np.random.default_rng(0))
    made.aspects.append("外观")
    assert aspects == ["保温", "密封"]
