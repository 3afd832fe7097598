"""The planted truths are in the data, and a plain model finds them."""

import datetime as dt
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

import demo

H, WINDOWS = 7, 24
Floats = NDArray[np.float64]


def series(shop: demo.Demo, role: str) -> tuple[pd.DataFrame, Floats]:
    """Return a product's sales and, per day, the share of one or two stars among the reviews that arrived."""
    product = shop.truths[role]["product_id"]
    sales = shop.sales[shop.sales["product_id"] == product].reset_index(drop=True)
    reviews = shop.reviews[shop.reviews["product_id"] == product]
    day = pd.to_datetime(reviews["created_at"]).dt.date
    counts = day.value_counts().reindex(sales["date"]).fillna(0)
    bad = day[reviews["rating"] <= 2].value_counts().reindex(sales["date"]).fillna(0)
    return sales, ((bad + 0.1) / (counts + 1)).to_numpy()


def intensity(shop: demo.Demo, role: str, sales: pd.DataFrame) -> Floats:
    planted = shop.truths[role]["intensity"]
    return np.array([planted.get(str(day), 0.0) for day in sales["date"]])


def features(
    sales: pd.DataFrame, negative: Floats | None, k: int
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Return origins, features of the day k after each, known at the origin, and the target."""
    log = np.log1p(sales["units"].to_numpy(float))
    level = pd.Series(log).rolling(28, min_periods=7).mean().to_numpy()
    week = pd.Series(log).rolling(7).mean().to_numpy()
    weekday = np.eye(7)[[day.weekday() for day in sales["date"]]]
    promo, price = sales["promo"].to_numpy(float), np.log(sales["price"].to_numpy(float))
    c = np.arange(56, len(log) - k)
    columns = [log[c] - level[c], week[c] - level[c], log[c + k - 7] - level[c], promo[c + k], price[c + k]]
    if negative is not None:
        week_of = pd.Series(negative).rolling(7).mean().to_numpy()
        columns += [
            np.where(k - lag > 0, week_of[c], negative[np.minimum(c + k - lag, c)]) for lag in range(1, 8)
        ]
        columns += [week_of[c + k - 8], week_of[c + k - 15], week_of[c + k - 22]]
    return c, np.column_stack([*columns, weekday[c + k], level[c]]), log[c + k]


def errors(sales: pd.DataFrame, negative: Floats | None) -> Floats:
    """Return absolute errors of a ridge regression on rolling windows, (WINDOWS, H)."""
    tables = [features(sales, negative, k) for k in range(1, H + 1)]
    units = sales["units"].to_numpy(float)
    found = np.zeros((WINDOWS, H))
    for window in range(WINDOWS):
        origin = len(sales) - 1 - H * (WINDOWS - window)
        x = np.vstack([x[c + k <= origin] for k, (c, x, _) in enumerate(tables, start=1)])
        y = np.concatenate([y[c + k <= origin] for k, (c, _, y) in enumerate(tables, start=1)])
        scaler = StandardScaler().fit(x)
        model = Ridge(alpha=30.0).fit(scaler.transform(x), y)
        for k, (c, table, _) in enumerate(tables, start=1):
            forecast = np.expm1(model.predict(scaler.transform(table[c == origin])))[0]
            found[window, k - 1] = abs(forecast - units[origin + k])
    return found


def gain(shop: demo.Demo, role: str) -> tuple[float, float]:
    """Return how much of the error the complaints take away, and its t-statistic over windows."""
    sales, negative = series(shop, role)
    without, with_ = errors(sales, None), errors(sales, negative)
    difference = (without - with_).mean(axis=1)
    t = difference.mean() / (difference.std(ddof=1) / np.sqrt(WINDOWS))
    return 1 - with_.sum() / without.sum(), float(t)


def test_past_complaints_foretell_the_sales_of_the_smelling_product(shop: demo.Demo) -> None:
    share, t = gain(shop, "smell")
    assert share > 0.10
    assert t > 3


def test_past_complaints_foretell_nothing_for_the_noisy_product(shop: demo.Demo) -> None:
    share, t = gain(shop, "noise")
    assert share < 0.02
    assert t < 2


def test_sales_answer_complaints_after_five_days_and_not_before(shop: demo.Demo) -> None:
    sales, _ = series(shop, "smell")
    planted = intensity(shop, "smell", sales)
    log = np.log1p(sales["units"].to_numpy(float))
    read = pd.Series(planted).rolling(shop.truths["smell"]["memory_days"]).mean().to_numpy()
    correlation = [np.corrcoef(read[20:-20], log[20 + lag : len(log) - 20 + lag])[0, 1] for lag in range(11)]
    assert int(np.argmin(correlation)) == shop.truths["smell"]["lag_days"] == 5
    assert correlation[5] < -0.5


@pytest.mark.parametrize("role", ["smell", "noise"])
def test_complaints_rise_in_the_planted_days(shop: demo.Demo, role: str) -> None:
    sales, negative = series(shop, role)
    planted = intensity(shop, role, sales)
    assert negative[planted > 0.7].mean() > 2.5 * negative[planted < 0.2].mean()
    assert negative[planted < 0.2].mean() < 0.2


@pytest.mark.parametrize("role", ["smell", "noise"])
def test_there_are_several_episodes_of_weeks_and_one_at_the_end(shop: demo.Demo, role: str) -> None:
    spans = [
        (dt.date.fromisoformat(e["start"]), dt.date.fromisoformat(e["end"]))
        for e in shop.truths[role]["episodes"]
    ]
    assert len(spans) >= 6
    assert all((end - start).days >= 20 for start, end in spans)
    assert str(spans[-1][1]) == shop.truths["end"]
    assert all(before[1] < after[0] for before, after in pairwise(spans))


def test_the_complaints_name_the_smell(shop: demo.Demo) -> None:
    sales, _ = series(shop, "smell")
    planted = dict(zip(sales["date"], intensity(shop, "smell", sales), strict=True))
    reviews = shop.reviews[shop.reviews["product_id"] == shop.truths["smell"]["product_id"]]
    hit = pd.to_datetime(reviews["created_at"]).dt.date.map(planted) > 0.7
    smell = reviews["text"].str.contains("异味|味道|塑料味|胶水味")
    assert smell[hit].mean() > 0.5
    assert smell[~hit].mean() < 0.15


def test_the_suspect_reviews_are_a_burst_of_near_duplicates(shop: demo.Demo) -> None:
    truth = shop.truths["suspect"]
    planted = shop.reviews[shop.reviews["review_id"].isin(truth["review_ids"])]
    assert len(planted) == len(truth["review_ids"]) == 60
    assert set(planted["product_id"]) == {truth["product_id"]}
    assert set(planted["user_id"]) == set(truth["user_ids"])
    assert planted["user_id"].nunique() <= 5
    assert planted["text"].str[:12].nunique() <= 3
    assert (planted["rating"] == 5).all()
    days = pd.to_datetime(planted["created_at"])
    assert (days.max().normalize() - days.min().normalize()).days <= 2
    assert (truth["start"], truth["end"]) == (str(days.min().date()), str(days.max().date()))


def test_nobody_else_writes_so_much_in_three_days(shop: demo.Demo) -> None:
    others = shop.reviews[~shop.reviews["review_id"].isin(shop.truths["suspect"]["review_ids"])]
    assert others.groupby("user_id").size().max() < 12
    assert not set(others["user_id"]) & set(shop.truths["suspect"]["user_ids"])


def test_the_new_product_has_no_past(shop: demo.Demo) -> None:
    truth = shop.truths["new"]
    sales = shop.sales[shop.sales["product_id"] == truth["product_id"]]
    reviews = shop.reviews[shop.reviews["product_id"] == truth["product_id"]]
    launched = dt.date.fromisoformat(truth["launched_at"])
    assert len(sales) == 45
    assert sales["date"].min() == launched
    assert reviews["created_at"].min() >= str(launched)
    assert len(reviews) >= 20
    listed = shop.products.set_index("product_id")["launched_at"]
    assert listed[truth["product_id"]] == launched
    assert (listed.drop(truth["product_id"]) < shop.sales["date"].min()).all()
