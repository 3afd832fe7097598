"""Daily features: written as whole days, read for charts and for the forecasting panel."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import and_, delete, func, or_, select, text
from sqlalchemy.orm import Session

from storage.bulk import stage
from storage.models import DailyFeature, Product, Review

BASE = (
    "reviews",
    "sentiment_mean",
    "sentiment_std",
    "negative_share",
    "positive_share",
    "rating_mean",
    "length_mean",
    "suspect_share",
)
COLUMNS = ("workspace_id", "product_id", "day", *BASE, "smooth", "version")


def upsert_daily(session: Session, workspace_id: int, frame: pd.DataFrame, version: str) -> int:
    """Write days; a day that is there is replaced, never added to.

    Parameters
    ----------
    frame
        product_id, ds, the columns of `BASE`, and any further numeric column (smoothed forms).
    version
        Version of the features' definition.

    Returns
    -------
    int
        Days written.
    """
    staged = stage(session, DailyFeature, COLUMNS, _rows(frame, workspace_id, version))
    listed = ", ".join(COLUMNS)
    assigned = ", ".join(f"{name} = excluded.{name}" for name in (*BASE, "smooth", "version"))
    written = session.execute(
        text(f"""
        INSERT INTO daily_features ({listed}) SELECT {listed} FROM {staged}
        WHERE workspace_id = :workspace
        ON CONFLICT (product_id, day) DO UPDATE SET {assigned} RETURNING 1
        """),  # noqa: S608  (names are our own)
        {"workspace": workspace_id},
    )
    return len(written.all())


def clear_daily(session: Session, workspace_id: int, product_ids: Collection[int]) -> None:
    """Delete the days of some products, before they are written anew."""
    session.execute(
        delete(DailyFeature).where(
            DailyFeature.workspace_id == workspace_id, DailyFeature.product_id.in_(product_ids)
        )
    )


def daily_features(
    session: Session, workspace_id: int, product_id: int, start: date | None = None, end: date | None = None
) -> list[DailyFeature]:
    """Return a product's days in order."""
    query = select(DailyFeature).where(
        DailyFeature.workspace_id == workspace_id, DailyFeature.product_id == product_id
    )
    if start is not None:
        query = query.where(DailyFeature.day >= start)
    if end is not None:
        query = query.where(DailyFeature.day <= end)
    return list(session.scalars(query.order_by(DailyFeature.day)))


def feature_frame(
    session: Session, workspace_id: int, product_ids: Collection[int] | None = None
) -> pd.DataFrame:
    """Return the features as the forecasting panel joins them.

    Returns
    -------
    DataFrame
        unique_id (our product id as text), ds, and a float column for each feature.
    """
    measured = [getattr(DailyFeature, name) for name in BASE]
    query = select(DailyFeature.product_id, DailyFeature.day, *measured, DailyFeature.smooth).where(
        DailyFeature.workspace_id == workspace_id
    )
    if product_ids is not None:
        query = query.where(DailyFeature.product_id.in_(product_ids))
    found = session.execute(query.order_by(DailyFeature.product_id, DailyFeature.day)).all()
    frame = pd.DataFrame(found, columns=["unique_id", "ds", *BASE, "smooth"])
    smooth = pd.DataFrame(list(frame.pop("smooth")), index=frame.index, dtype="float64")
    key = frame[["unique_id"]].astype(str).assign(ds=pd.to_datetime(frame["ds"]))
    return key.join(frame[list(BASE)].astype("float64")).join(smooth)


def products_behind(session: Session, workspace_id: int, day: date) -> list[int]:
    """Return products whose features end before `day`, or that have scored reviews but no features."""
    last = (
        select(DailyFeature.product_id, func.max(DailyFeature.day).label("day"))
        .where(DailyFeature.workspace_id == workspace_id)
        .group_by(DailyFeature.product_id)
        .subquery()
    )
    scored = select(Review.id).where(Review.product_id == Product.id, Review.scored_by.is_not(None))
    query = (
        select(Product.id)
        .outerjoin(last, last.c.product_id == Product.id)
        .where(
            Product.workspace_id == workspace_id,
            or_(last.c.day < day, and_(last.c.day.is_(None), scored.exists())),
        )
    )
    return list(session.scalars(query.order_by(Product.id)))


def feature_version(session: Session, workspace_id: int) -> str:
    """Return the version the workspace's features were made with, empty without any."""
    query = select(func.max(DailyFeature.version)).where(DailyFeature.workspace_id == workspace_id)
    return session.scalar(query) or ""


def _rows(frame: pd.DataFrame, workspace_id: int, version: str) -> Iterator[dict[str, Any]]:
    others = [name for name in frame.columns if name not in ("product_id", "ds", *BASE)]
    columns = [_plain(frame[name]) for name in (*BASE, *others)]
    days = pd.to_datetime(frame["ds"]).dt.date
    for product_id, day, *values in zip(frame["product_id"].tolist(), days, *columns, strict=True):
        yield {
            "workspace_id": workspace_id,
            "product_id": product_id,
            "day": day,
            **dict(zip(BASE, values, strict=False)),
            "smooth": dict(zip(others, values[len(BASE) :], strict=True)),
            "version": version,
        }


def _plain(column: pd.Series[Any]) -> list[float | None]:
    """Return a column as floats, None where there is nothing."""
    values = column.astype("float64")
    return values.astype(object).where(values.notna(), None).tolist()
