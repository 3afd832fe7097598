"""Daily sales: season, week, festivals, promotions, prices, stock-outs, noise."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from demo.festivals import festival_factor, platform_sales
from demo.items import Item

_WEEK = np.array([0.94, 0.93, 0.95, 0.98, 1.05, 1.10, 1.05])  # from Monday
_DISPERSION = 150.0
_ELASTICITY = -1.3
_DISCOUNT = 0.12
# No stock-out in the last days: what is forecast there is demand.
_CALM = 70

Floats = NDArray[np.float64]


def daily_sales(
    item: Item, days: Sequence[dt.date], factor: Floats, rng: np.random.Generator
) -> pd.DataFrame:
    """Return a product's sales.

    Parameters
    ----------
    item : Item
    days : sequence of date, length n
    factor : ndarray of shape (n,)
        Planted effect on demand.
    rng : numpy.random.Generator

    Returns
    -------
    DataFrame
        product_id, date, units, revenue, price, promo (0/1), stockout (0/1), views; one row a day.
    """
    promo = platform_sales(days) | _own_promotions(len(days), rng)
    list_price = _list_prices(item.price, len(days), rng)
    price = np.round(np.where(promo, list_price * (1 - _DISCOUNT), list_price), 1)
    demand = _expected(item, days, rng) * factor * (list_price / item.price) ** _ELASTICITY
    demand = demand * np.where(promo, item.promo_lift, 1.0)
    wanted = rng.negative_binomial(_DISPERSION, _DISPERSION / (_DISPERSION + demand))
    stockout = _stockouts(len(days), rng)
    units = np.where(stockout, (wanted * rng.uniform(0.0, 0.4, len(days))).astype(int), wanted)
    views = rng.poisson(demand * rng.uniform(18, 22) * rng.lognormal(0.0, 0.08, len(days)))
    return pd.DataFrame(
        {
            "product_id": item.product_id,
            "date": days,
            "units": units,
            "revenue": np.round(units * price, 2),
            "price": price,
            "promo": promo.astype(int),
            "stockout": stockout.astype(int),
            "views": views,
        }
    )


def _expected(item: Item, days: Sequence[dt.date], rng: np.random.Generator) -> Floats:
    position = np.arange(len(days))
    day_of_year = np.array([day.timetuple().tm_yday for day in days])
    season = item.season * np.cos(2 * np.pi * (day_of_year - item.peak) / 365.25)
    drift = _drift(len(days), rng)
    week = _WEEK[[day.weekday() for day in days]]
    log = season + item.growth * position / 365.25 + drift
    return np.asarray(item.units * np.exp(log) * week * festival_factor(days))


def _drift(n: int, rng: np.random.Generator, persistence: float = 0.8, spread: float = 0.03) -> Floats:
    steps = rng.normal(0.0, spread, n)
    for i in range(1, n):
        steps[i] += persistence * steps[i - 1]
    return steps


def _own_promotions(n: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    promo = np.zeros(n, dtype=bool)
    start = int(rng.integers(5, 40))
    while start < n:
        promo[start : start + int(rng.integers(3, 6))] = True
        start += int(rng.integers(30, 60))
    return promo


def _list_prices(price: float, n: int, rng: np.random.Generator) -> Floats:
    prices = np.full(n, price, dtype=float)
    change = int(rng.integers(60, 150))
    while change < n:
        prices[change:] = np.round(price * rng.uniform(0.93, 1.07))
        change += int(rng.integers(60, 150))
    return prices


def _stockouts(n: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    stockout = np.zeros(n, dtype=bool)
    for start in rng.integers(0, max(1, n - _CALM), size=n // 240):
        stockout[start : start + int(rng.integers(1, 5))] = True
    return stockout & (np.arange(n) < n - _CALM)
