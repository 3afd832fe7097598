"""The whole demo, from a seed and a last day."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from demo import complaints
from demo.complaints import Complaints
from demo.items import ITEMS, Item
from demo.reviews import COLUMNS, numbered, product_reviews, suspect_burst
from demo.sales import daily_sales

DAYS = 731
NEW_DAYS = 45
NOTE = "演示数据（合成）"


@dataclass(frozen=True)
class Demo:
    """Frames in the columns of the import contract, and what was planted in them.

    Attributes
    ----------
    products, reviews, sales : DataFrame
        Moments are the shop's local time.
    truths : dict
        ``smell``, ``noise``, ``suspect``, ``new``: each names its product; see ``docs/demo.md``.
    """

    products: pd.DataFrame
    reviews: pd.DataFrame
    sales: pd.DataFrame
    truths: dict[str, Any]


def generate(seed: int = 7, end: dt.date | None = None) -> Demo:
    """Make the demo shop.

    Parameters
    ----------
    seed : int
        The same seed and last day give the same bytes.
    end : date, optional
        Last day with data; yesterday when not given.
    """
    end = end or dt.date.today() - dt.timedelta(days=1)
    days = [end - dt.timedelta(days=n) for n in reversed(range(DAYS))]
    sales: list[pd.DataFrame] = []
    reviews: list[pd.DataFrame] = []
    truths: dict[str, Any] = {"note": NOTE, "seed": seed, "end": str(end)}
    for number, item in enumerate(ITEMS):
        rng = np.random.default_rng([seed, number])
        on = days[-NEW_DAYS:] if item.role == "new" else days
        path = complaints.waves(len(on), rng) if item.role in ("smell", "noise") else complaints.none(len(on))
        factor = path.sales_factor if item.role == "smell" else np.ones(len(on))
        sold = daily_sales(item, on, factor, rng)
        sales.append(sold)
        reviews.append(product_reviews(item, on, sold["units"].to_numpy(), path, rng))
        if item.role == "suspect":
            reviews.append(suspect_burst(item, on, rng).assign(planted=True))
        if item.role != "ordinary":
            truths[item.role] = _truth(item, on, path)
    joined = numbered(reviews)
    truths["suspect"] |= _burst(joined[joined["planted"].eq(True)])
    products = _products(days[0], days[-NEW_DAYS])
    return Demo(products, joined[COLUMNS], pd.concat(sales, ignore_index=True), truths)


def write(demo: Demo, folder: Path | str) -> None:
    """Write products.csv, reviews.csv, sales.csv (UTF-8) and truths.json."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in (("products", demo.products), ("reviews", demo.reviews), ("sales", demo.sales)):
        frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
    text = json.dumps(demo.truths, ensure_ascii=False, indent=1)
    (folder / "truths.json").write_text(text + "\n", encoding="utf-8")


def _truth(item: Item, days: Sequence[dt.date], path: Complaints) -> dict[str, Any]:
    truth: dict[str, Any] = {"product_id": item.product_id}
    if item.role in ("smell", "noise"):
        truth["episodes"] = [{"start": str(days[a]), "end": str(days[b])} for a, b in path.episodes]
        truth["intensity"] = {
            str(day): round(float(x), 3) for day, x in zip(days, path.intensity, strict=True) if x > 0
        }
    if item.role == "smell":
        truth |= {
            "complaint": "异味",
            "lag_days": complaints.LAG_DAYS,
            "memory_days": complaints.MEMORY_DAYS,
            "effect": complaints.EFFECT,
        }
    if item.role == "new":
        truth["launched_at"] = str(days[0])
    return truth


def _burst(planted: pd.DataFrame) -> dict[str, Any]:
    return {
        "review_ids": list(planted["review_id"]),
        "user_ids": sorted(set(planted["user_id"])),
        "start": min(planted["created_at"])[:10],
        "end": max(planted["created_at"])[:10],
    }


def _products(first: dt.date, launch: dt.date) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "product_id": item.product_id,
            "title": item.title,
            "description": item.description,
            "category": item.category,
            "brand": item.brand,
            "price": item.price,
            "launched_at": launch if item.role == "new" else first - dt.timedelta(days=30 * place),
            "shop": "风评演示店",
        }
        for place, item in enumerate(ITEMS, start=1)
    )
