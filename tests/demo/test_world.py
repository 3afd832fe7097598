import datetime as dt
import json
from pathlib import Path

import pandas as pd
import pytest

import demo
import ingest
from demo.__main__ import main
from demo.items import ITEMS

END = dt.date(2026, 6, 30)


@pytest.fixture(scope="module")
def folder(shop: demo.Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "deep" / "er"
    demo.write(shop, folder)
    return folder


def test_the_size_of_the_shop(shop: demo.Demo) -> None:
    assert len(shop.products) == 12
    assert shop.products["category"].nunique() >= 6
    assert 8_000 <= len(shop.reviews) <= 12_500
    assert shop.reviews["text"].nunique() > 7_000
    assert len(shop.sales) == 11 * 731 + 45


def test_the_same_seed_gives_the_same_bytes(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([str(tmp_path), "--seed", "7", "--end", "2026-06-30"])
    assert capsys.readouterr().out.startswith("12 products, ")
    names = {"products.csv", "reviews.csv", "sales.csv", "truths.json"}
    assert {path.name for path in tmp_path.iterdir()} == names
    for name in names:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_another_seed_gives_another_shop(shop: demo.Demo) -> None:
    other = demo.generate(seed=8, end=END)
    assert not other.sales["units"].equals(shop.sales["units"])
    assert not set(other.reviews["text"]) <= set(shop.reviews["text"])


def test_it_ends_yesterday_when_not_told() -> None:
    yesterdays = {dt.date.today() - dt.timedelta(days=1)}
    last = demo.generate().sales["date"].max()
    yesterdays.add(dt.date.today() - dt.timedelta(days=1))
    assert last in yesterdays


@pytest.mark.parametrize("kind", ["products", "reviews", "sales"])
def test_every_row_passes_the_import(folder: Path, kind: str) -> None:
    found = list(ingest.rows(folder / f"{kind}.csv", kind))
    assert [item for item in found if not isinstance(item, ingest.Row)] == []
    preview = ingest.preview(folder / f"{kind}.csv", kind)
    assert preview.unmapped == preview.extra == []
    assert preview.encoding == "utf-8"


def test_the_truths_are_readable_and_name_products(folder: Path, shop: demo.Demo) -> None:
    truths = json.loads((folder / "truths.json").read_text(encoding="utf-8"))
    assert truths == shop.truths
    assert truths["note"] == demo.NOTE == "演示数据（合成）"
    assert (truths["seed"], truths["end"]) == (7, "2026-06-30")
    roles = {item.role: item.product_id for item in ITEMS if item.role != "ordinary"}
    assert {role: truths[role]["product_id"] for role in roles} == roles


def test_reviews_are_in_order_of_arrival_with_ids(shop: demo.Demo) -> None:
    reviews = shop.reviews
    assert reviews["review_id"].is_unique
    assert reviews["created_at"].is_monotonic_increasing
    assert set(reviews["product_id"]) == set(shop.products["product_id"])
    days = pd.to_datetime(reviews["created_at"])
    assert days.max() < pd.Timestamp(END) + pd.Timedelta(days=1)
