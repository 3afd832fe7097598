from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from forecasting import validate_panel
from storage import sales
from storage.errors import NoData
from tests.storage.factories import analysis, make_products, make_reviews, make_sales, review_row
from workers.context import Context
from workers.daily import rebuild
from workers.panel import SENTIMENT, days_ahead, training_panel

START = date(2026, 1, 1)
LAST = date(2026, 1, 3)


def history(**columns: list[float]) -> pd.DataFrame:
    days = pd.date_range(START, periods=3)
    return pd.concat(
        [pd.DataFrame({"unique_id": name, "ds": days, "y": 1.0, **columns}) for name in ("1", "2")],
        ignore_index=True,
    )


def test_a_flag_is_taken_as_zero_and_a_price_as_its_last_value() -> None:
    frame = history(promo=[0.0, 1.0, 1.0], price=[9.0, 8.0, np.nan])
    ahead, assumed = days_ahead(frame, ("promo", "price"), LAST, 2)
    assert assumed == {"promo": "0", "price": "last"}
    assert ahead["unique_id"].tolist() == ["1", "1", "2", "2"]
    assert ahead["ds"].tolist()[:2] == [pd.Timestamp("2026-01-04"), pd.Timestamp("2026-01-05")]
    assert ahead["promo"].tolist() == [0.0] * 4
    assert ahead["price"].tolist() == [8.0] * 4


def test_a_plan_stands_and_what_it_leaves_open_is_filled() -> None:
    planned = pd.DataFrame({"unique_id": "1", "ds": [pd.Timestamp("2026-01-04")], "promo": 1.0, "price": 5.0})
    frame = pd.concat([history(promo=[0.0] * 3, price=[9.0] * 3), planned], ignore_index=True)
    ahead, assumed = days_ahead(frame, ("promo", "price"), LAST, 2)
    assert ahead["promo"].tolist() == [1.0, 0.0, 0.0, 0.0]
    assert ahead["price"].tolist() == [5.0, 9.0, 9.0, 9.0]
    assert assumed == {"promo": "0", "price": "last"}
    assert days_ahead(frame[frame["unique_id"] == "1"], ("promo",), LAST, 1)[1] == {"promo": "plan"}


def test_a_product_without_any_price_gets_none_of_anothers() -> None:
    frame = history(price=[9.0, 9.0, 9.0])
    frame.loc[frame["unique_id"] == "2", "price"] = np.nan
    ahead, _ = days_ahead(frame, ("price",), LAST, 1)
    assert ahead["price"].tolist() == [9.0, 0.0]


def test_no_column_known_ahead_needs_no_values() -> None:
    ahead, assumed = days_ahead(history(), (), LAST, 3)
    assert (len(ahead), assumed) == (6, {})


def test_the_training_panel_is_valid_and_knows_what_is_known_when(
    context: Context, workspace_id: int
) -> None:
    with context.sessions.begin() as session:
        first, second, unsold = make_products(session, workspace_id, "A", "B", "C", category="杯")
        for id in (first, second):
            make_sales(session, workspace_id, id, START, [1, 2, 3], promo=0.0, views=5.0, stockout=0.0)
        make_sales(session, workspace_id, unsold, START, [None])
        sales.copy_sales(
            session, workspace_id, [{"product_id": first, "day": LAST + timedelta(days=1), "promo": 1.0}]
        )
        reviews = [
            review_row(first, START + timedelta(days=n), analysis=analysis("negative", -0.5)) for n in (1, 5)
        ]
        make_reviews(session, workspace_id, reviews)
        rebuild(session, workspace_id, [first])
        panel = training_panel(session, workspace_id, 2)
    assert panel.cutoff == LAST
    assert panel.spec.future == ("promo",)
    assert panel.spec.past[:2] == ("views", "reviews_7")
    assert panel.spec.static == ()
    assert "rating_mean_7" not in panel.frame
    assert panel.sentiment == SENTIMENT
    assert set(panel.frame["unique_id"]) == {str(first), str(second)}
    later = panel.frame[panel.frame["ds"] > pd.Timestamp(LAST)]
    assert len(later) == 4
    assert later[["y", *panel.spec.past]].isna().all(axis=None)
    assert later["promo"].tolist() == [1.0, 0.0, 0.0, 0.0]
    said = panel.frame[panel.frame["unique_id"] == str(first)]["sentiment_mean_7"].tolist()
    assert said[1] == pytest.approx(-0.5)
    assert len(validate_panel(panel.frame, panel.spec, horizon=2)) == 10


def test_a_replay_at_a_cutoff_sees_what_a_full_run_says_was_known_then(
    context: Context, workspace_id: int
) -> None:
    cutoff, days = 20, np.random.default_rng(0).permutation(np.repeat(np.arange(40), 2))
    arrived = [START + timedelta(days=int(day)) for day in days]
    scores = np.random.default_rng(1).uniform(-1, 1, len(days))
    with context.sessions.begin() as session:
        (product,) = make_products(session, workspace_id, "A")
        rows = [
            # Written about orders of up to two weeks before: the day that counts is that of arrival.
            review_row(
                product,
                day,
                purchased_at=datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=n % 15),
                analysis=analysis("negative" if score < 0 else "positive", float(score)),
            )
            for n, (day, score) in enumerate(zip(arrived, scores, strict=True))
        ]
        known = [row for row in rows if row["day"] <= START + timedelta(days=cutoff)]
        later = [row for row in rows if row["day"] > START + timedelta(days=cutoff)]
        panels = []
        for arriving, sold in ((known, range(cutoff + 1)), (later, range(cutoff + 1, 40))):
            make_sales(
                session, workspace_id, product, START + timedelta(days=sold.start), [1.0 + n for n in sold]
            )
            make_reviews(session, workspace_id, arriving)
            rebuild(session, workspace_id, [product])
            panels.append(training_panel(session, workspace_id, 7))
    replay, full = (panel.frame[panel.frame["y"].notna()] for panel in panels)
    assert (len(replay), len(full)) == (cutoff + 1, 40)
    assert replay[list(SENTIMENT)].notna().all(axis=None)
    pd.testing.assert_frame_equal(replay.reset_index(drop=True), full.head(cutoff + 1).reset_index(drop=True))


def test_without_sales_there_is_no_panel(context: Context, workspace_id: int) -> None:
    with context.sessions() as session, pytest.raises(NoData, match=str(workspace_id)):
        training_panel(session, workspace_id, 14)


def test_a_product_that_sells_on_saturdays_only_is_not_a_weekly_series(
    context: Context, workspace_id: int
) -> None:
    saturday = date(2026, 1, 3)
    with context.sessions.begin() as session:
        daily, rare = make_products(session, workspace_id, "A1", "B2")
        make_sales(session, workspace_id, daily, START, [2.0] * 60)
        for week in range(8):
            make_sales(session, workspace_id, rare, saturday + timedelta(weeks=week), [5.0])
        panel = training_panel(session, workspace_id, 7)
    frame = validate_panel(panel.frame, panel.spec)
    sold = frame[(frame["unique_id"] == str(rare)) & frame["y"].notna()]
    assert sold["ds"].tolist() == pd.date_range(saturday, periods=58).tolist()
    assert sold["y"].tolist() == [5.0 if day % 7 == 0 and day < 56 else 0.0 for day in range(58)]
