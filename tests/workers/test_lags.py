import json
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy.orm import Session

from storage import reviews
from tests.storage.factories import VERSION, analysis, aspect, make_products, make_sales, review_row
from workers.context import Context
from workers.daily import rebuild
from workers.lags import BLAME, LEAST_DAYS, SENTIMENT, lag_panel, lags_of
from workers.panel import training_panel

START = date(2026, 1, 5)
DAYS = 220
LEAD = 4
SLOW = analysis("negative", -0.8, aspects=[aspect("物流", "negative")])
GOOD = analysis("positive", 0.8, aspects=[aspect("质量", "positive")])


@pytest.fixture
def product_ids(context: Context, workspace_id: int) -> list[int]:
    """Two products with three reviews a day; days on which many blame delivery cost the first sales later."""
    rng = np.random.default_rng(0)
    blamed = rng.choice([0, 0, 0, 2, 3], (2, DAYS))
    with context.sessions.begin() as session:
        ids = make_products(session, workspace_id, "A1", "B2", "C3")
        for id, slow, effect in zip(ids, blamed, (0.2, 0.0), strict=False):
            felt = np.concatenate([np.zeros(LEAD), slow[:-LEAD]])
            make_sales(session, workspace_id, id, START, rng.poisson(40 * np.exp(-effect * felt)), price=9.0)
            said = [(day, SLOW if n < count else GOOD) for day, count in enumerate(slow) for n in range(3)]
            say(session, workspace_id, id, said)
        make_sales(session, workspace_id, ids[2], START, rng.poisson(40, DAYS), price=9.0)
        say(session, workspace_id, ids[2], [(7, SLOW)])
        rebuild(session, workspace_id, ids)
    return ids


def say(
    session: Session, workspace_id: int, product_id: int, said: list[tuple[int, dict[str, object]]]
) -> None:
    """Put scored reviews in, given by the day of their arrival."""
    rows = [
        # Sorted ids: new reviews are returned in their order.
        review_row(product_id, START + timedelta(days=day), external_id=f"{product_id}-{number:04d}")
        for number, (day, _) in enumerate(said)
    ]
    new = reviews.copy_reviews(session, workspace_id, rows)
    analyses = [(id, found) for (id, _), (_, found) in zip(new, said, strict=True)]
    reviews.save_scores(session, workspace_id, analyses, VERSION)


def panel(context: Context, workspace_id: int) -> pd.DataFrame:
    with context.sessions() as session:
        return lag_panel(session, workspace_id, training_panel(session, workspace_id, 7))


def test_days_are_drawn_to_the_products_mean_and_rare_words_are_left_out(
    context: Context, workspace_id: int, product_ids: list[int]
) -> None:
    frame = panel(context, workspace_id).set_index(["unique_id", "ds"])
    assert set(frame.columns) == {"y", "price", SENTIMENT, BLAME, f"{BLAME}:物流"}
    assert len(frame) == 3 * DAYS  # the days ahead are not known yet
    first = frame.loc[str(product_ids[0])]
    assert first[f"{BLAME}:物流"].to_numpy() == pytest.approx(first[BLAME].to_numpy())
    usual = first[BLAME].mean()
    assert first[BLAME].min() == pytest.approx(usual / 2, abs=0.01)
    assert first[BLAME].max() == pytest.approx((1 + usual) / 2, abs=0.01)
    assert frame.loc[str(product_ids[2]), [SENTIMENT, BLAME]].isna().all(axis=None)


def test_complaints_lead_sales_by_the_days_they_were_made_to(
    context: Context, workspace_id: int, product_ids: list[int]
) -> None:
    found = lags_of(panel(context, workspace_id), ("price",))
    led, other = (found[str(id)] for id in product_ids[:2])
    assert str(product_ids[2]) not in found
    assert {(row["column"], row["aspect"]) for row in led} == {
        (SENTIMENT, None),
        (BLAME, None),
        (BLAME, "物流"),
    }
    for row in led:
        assert (row["verdict"], row["lag"]) == ("leads", LEAD)
        assert (row["correlation"] > 0) == (row["column"] == SENTIMENT)
        assert row["q_value"] < 0.001
        assert len(row["ccf"]) == 36
    assert [row["verdict"] for row in other] == ["none"] * 3
    assert all("ccf" not in row for row in other)
    json.dumps(found, allow_nan=False)


def test_without_enough_reviews_nothing_is_measured(context: Context, workspace_id: int) -> None:
    with context.sessions.begin() as session:
        [id] = make_products(session, workspace_id, "A1")
        make_sales(session, workspace_id, id, START, [5.0 + n % 3 for n in range(DAYS)])
        say(session, workspace_id, id, [(day, SLOW) for day in range(LEAST_DAYS - 1)])
        rebuild(session, workspace_id, [id])
    frame = panel(context, workspace_id)
    assert list(frame.columns) == ["unique_id", "ds", "y"]
    assert lags_of(frame, ()) == {}
