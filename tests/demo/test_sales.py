import datetime as dt

import numpy as np
import pandas as pd

import demo
from demo.items import ITEMS
from demo.sales import daily_sales


def test_every_product_has_every_day_once(shop: demo.Demo) -> None:
    days = shop.sales.groupby("product_id")["date"].agg(["count", "nunique", "min", "max"])
    assert (days["count"] == days["nunique"]).all()
    assert ((days["max"] - days["min"]).map(lambda span: span.days) + 1 == days["count"]).all()


def test_units_are_counts_and_revenue_is_units_times_price(shop: demo.Demo) -> None:
    sales = shop.sales
    assert pd.api.types.is_integer_dtype(sales["units"])
    assert (sales["units"] >= 0).all()
    assert np.allclose(sales["revenue"], (sales["units"] * sales["price"]).round(2))
    assert set(sales["promo"]) == set(sales["stockout"]) == {0, 1}
    assert (sales["views"] >= 0).all()


def test_promotions_cost_less_and_sell_more(shop: demo.Demo) -> None:
    ordinary = shop.sales[(shop.sales["stockout"] == 0) & (shop.sales["product_id"] == "D1012")]
    means = ordinary.groupby("promo")[["price", "units"]].mean()
    assert means.loc[1, "price"] < 0.95 * means.loc[0, "price"]
    assert means.loc[1, "units"] > 1.2 * means.loc[0, "units"]


def test_stockouts_cut_sales_and_spare_the_last_weeks(shop: demo.Demo) -> None:
    out = shop.sales[shop.sales["stockout"] == 1]
    assert out["product_id"].nunique() >= 8
    calm = shop.sales["date"].max() - dt.timedelta(days=69)
    assert (out["date"] < calm).all()
    usual = shop.sales[shop.sales["stockout"] == 0].groupby("product_id")["units"].mean()
    assert out["units"].mean() < 0.5 * usual.mean()


def test_618_and_double_eleven_stand_out_and_spring_festival_is_quiet(shop: demo.Demo) -> None:
    total = shop.sales.groupby("date")["units"].sum()
    assert total[dt.date(2025, 6, 18)] > 1.4 * total[dt.date(2025, 5, 20) : dt.date(2025, 5, 30)].mean()
    assert total[dt.date(2025, 11, 11)] > 1.4 * total[dt.date(2025, 10, 12) : dt.date(2025, 10, 28)].mean()
    assert total[dt.date(2026, 2, 16) : dt.date(2026, 2, 20)].mean() < 0.8 * total.mean()


def test_seasons(shop: demo.Demo) -> None:
    month = shop.sales["date"].map(lambda day: day.month)
    fan = shop.sales[shop.sales["product_id"] == "D1005"].groupby(month)["units"].mean()
    heater = shop.sales[shop.sales["product_id"] == "D1006"].groupby(month)["units"].mean()
    assert fan[7] > 3 * fan[1]
    assert heater[1] > 3 * heater[7]


def test_weekends_sell_more(shop: demo.Demo) -> None:
    weekday = shop.sales["date"].map(lambda day: day.weekday())
    means = shop.sales.groupby(weekday)["units"].mean()
    assert means[5] > 1.08 * means[1]


def test_the_planted_factor_scales_demand() -> None:
    days = [dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(300)]
    full = daily_sales(ITEMS[0], days, np.ones(300), np.random.default_rng(1))
    half = daily_sales(ITEMS[0], days, np.full(300, 0.5), np.random.default_rng(1))
    assert 0.4 < half["units"].sum() / full["units"].sum() < 0.6
    assert half["price"].equals(full["price"])
    assert half["promo"].equals(full["promo"])


def test_prices_change_but_stay_near(shop: demo.Demo) -> None:
    listed = shop.sales[shop.sales["promo"] == 0].groupby("product_id")["price"]
    assert (listed.nunique().drop("D1004") >= 3).all()
    assert (listed.max() / listed.min() < 1.2).all()
