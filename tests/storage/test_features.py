from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy.orm import Session

from storage import features
from storage.features import BASE
from tests.storage.factories import analysis, make_products, make_reviews, review_row

DAY = date(2026, 6, 1)


@pytest.fixture
def product_id(session: Session, workspace_id: int) -> int:
    return make_products(session, workspace_id, "A1")[0]


def frame(product_id: int, days: int = 2, **values: float) -> pd.DataFrame:
    plain = dict.fromkeys(BASE, 0.5) | {"reviews": 2, "sentiment_mean_7": 0.25} | values
    rows = [
        {"product_id": product_id, "ds": pd.Timestamp(DAY) + pd.Timedelta(days=n), **plain}
        for n in range(days)
    ]
    return pd.DataFrame(rows)


def test_days_are_written_and_rewritten_never_added_to(
    session: Session, workspace_id: int, product_id: int
) -> None:
    assert features.upsert_daily(session, workspace_id, frame(product_id), "1") == 2
    assert features.upsert_daily(session, workspace_id, frame(product_id, reviews=7), "2") == 2
    days = features.daily_features(session, workspace_id, product_id)
    assert [(day.day, day.reviews, day.version) for day in days] == [
        (DAY, 7.0, "2"),
        (DAY + timedelta(days=1), 7.0, "2"),
    ]
    assert days[0].smooth == {"sentiment_mean_7": 0.25}
    assert features.feature_version(session, workspace_id) == "2"


def test_unknown_is_null_not_a_number(session: Session, workspace_id: int, product_id: int) -> None:
    made = frame(product_id, days=1, sentiment_mean=np.nan, sentiment_mean_7=np.nan)
    features.upsert_daily(session, workspace_id, made, "1")
    [day] = features.daily_features(session, workspace_id, product_id)
    assert (day.sentiment_mean, day.smooth) == (None, {"sentiment_mean_7": None})


def test_a_span_is_read_and_only_by_its_workspace(
    session: Session, workspace_id: int, other_id: int, product_id: int
) -> None:
    features.upsert_daily(session, workspace_id, frame(product_id, days=4), "1")
    found = features.daily_features(
        session, workspace_id, product_id, DAY + timedelta(days=1), DAY + timedelta(days=2)
    )
    assert [day.day.day for day in found] == [2, 3]
    assert features.daily_features(session, other_id, product_id) == []
    assert features.feature_frame(session, other_id).empty
    assert features.feature_version(session, other_id) == ""


def test_the_frame_joins_the_panel(session: Session, workspace_id: int, product_id: int) -> None:
    features.upsert_daily(session, workspace_id, frame(product_id, sentiment_mean=np.nan), "1")
    found = features.feature_frame(session, workspace_id)
    assert list(found.columns) == ["unique_id", "ds", *BASE, "sentiment_mean_7"]
    assert found["unique_id"].tolist() == [str(product_id)] * 2
    assert pd.api.types.is_datetime64_dtype(found["ds"])
    assert found["sentiment_mean"].isna().all()
    assert found["sentiment_mean_7"].tolist() == [0.25, 0.25]
    assert features.feature_frame(session, workspace_id, [product_id + 1]).empty


def test_clearing_takes_only_the_named_products(session: Session, workspace_id: int, product_id: int) -> None:
    [other] = make_products(session, workspace_id, "B2")
    for id in (product_id, other):
        features.upsert_daily(session, workspace_id, frame(id), "1")
    features.clear_daily(session, workspace_id, [product_id])
    assert features.daily_features(session, workspace_id, product_id) == []
    assert len(features.daily_features(session, workspace_id, other)) == 2


def test_products_that_lag_are_named(session: Session, workspace_id: int, product_id: int) -> None:
    lagging, silent, unmade = make_products(session, workspace_id, "B2", "C3", "D4")
    features.upsert_daily(session, workspace_id, frame(product_id, days=3), "1")
    features.upsert_daily(session, workspace_id, frame(lagging, days=2), "1")
    make_reviews(
        session, workspace_id, [review_row(unmade, DAY, analysis=analysis()), review_row(silent, DAY)]
    )
    assert features.products_behind(session, workspace_id, DAY + timedelta(days=2)) == [lagging, unmade]
