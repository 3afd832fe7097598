"""What a shop's reviews say about one another: read for the search for suspects, and marked by it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Integer, cast, func, select, text
from sqlalchemy.orm import Session

from storage.bulk import stage
from storage.models import Product, Review
from storage.reviews import THESE, months_of

LONGEST = 2000
COUNTED = ("product_id", "hour", "count", "marked")
MARKED = ("id", "suspect_reasons", "suspect_since")


@dataclass(frozen=True)
class Said:
    """A scored review, as the others see it; `at` is by the shop's clock."""

    id: int
    product_id: int
    text: str
    user_key: str
    at: datetime
    reasons: Sequence[str]
    since: date | None


def said_of(session: Session, workspace_id: int, product_id: int, timezone: str) -> list[Said]:
    """Return a product's scored reviews, texts cut to their first 2,000 characters."""
    return _said(session, workspace_id, timezone, Review.product_id == product_id)


def said_elsewhere(
    session: Session, workspace_id: int, accounts: Collection[str], product_id: int, timezone: str
) -> list[Said]:
    """Return what accounts wrote about other products than this one."""
    if not accounts:
        return []
    by_them = Review.user_key == func.any(list(accounts))
    return _said(
        session, workspace_id, timezone, by_them, Review.user_key != "", Review.product_id != product_id
    )


def shops_of(session: Session, workspace_id: int, product_ids: Collection[int]) -> dict[int, str]:
    """Return all products of the shops of some products, each with its shop."""
    named = Product.id == func.any(list(product_ids))
    shops = select(Product.shop).where(Product.workspace_id == workspace_id, named)
    query = select(Product.id, Product.shop).where(
        Product.workspace_id == workspace_id, Product.shop.in_(shops)
    )
    return {row.id: row.shop for row in session.execute(query.order_by(Product.id))}


def arrivals(
    session: Session,
    workspace_id: int,
    product_ids: Collection[int],
    timezone: str,
    mark: str,
    silent: Sequence[str],
) -> pd.DataFrame:
    """Count the scored reviews of some products by hour.

    Parameters
    ----------
    mark
        The reason that counts as marked.
    silent
        Reviews with one of these reasons are not counted.

    Returns
    -------
    DataFrame
        Whole numbers: product_id, hour (by the shop's clock, hours since 1970), count and marked, how many
        came in that hour and how many of these bear the mark.
    """
    epoch = func.extract("epoch", func.date_trunc("hour", func.timezone(timezone, Review.created_at)))
    query = (
        select(
            Review.product_id,
            cast(epoch / 3600, Integer).label("hour"),
            func.count(),
            func.count().filter(Review.suspect_reasons.contains([mark])),
        )
        .where(
            Review.workspace_id == workspace_id,
            Review.scored_by.is_not(None),
            ~Review.suspect_reasons.overlap(list(silent)),
            Review.product_id == func.any(list(product_ids)),
        )
        .group_by(Review.product_id, "hour")
        .order_by(Review.product_id, "hour")
    )
    # A million reviews are nearly as many cells: rows of numbers take a tenth of what objects would.
    found = session.execute(query).all()
    return pd.DataFrame(found, columns=list(COUNTED), dtype="int64")


def mark_reviews(
    session: Session,
    workspace_id: int,
    found: Iterable[tuple[int, Sequence[str], date | None]],
    context: Collection[str],
) -> None:
    """Replace what other reviews hold against some; what lies in a review itself stays as it is stored.

    Parameters
    ----------
    found
        Review id, its reasons that lie in other reviews, and the day from which these were to be seen.
    context
        All reasons that lie in other reviews.
    """
    found = list(found)
    rows = ({"id": id, "suspect_reasons": list(reasons), "suspect_since": day} for id, reasons, day in found)
    staged = stage(session, Review, MARKED, rows)
    own = "array(SELECT kept FROM unnest(reviews.suspect_reasons) kept WHERE kept <> ALL(:context))"
    session.execute(
        text(f"""
        UPDATE reviews SET
            suspect_reasons = {own} || {staged}.suspect_reasons,
            is_suspect = cardinality({own} || {staged}.suspect_reasons) > 0,
            suspect_since = CASE WHEN cardinality({own}) = 0 THEN {staged}.suspect_since END
        FROM {staged} WHERE reviews.id = {staged}.id AND {THESE}
        """),  # noqa: S608  (names are our own)
        months_of(session, workspace_id, [id for id, *_ in found]) | {"context": sorted(context)},
    )
    session.expire_all()


def _said(session: Session, workspace_id: int, timezone: str, *conditions: ColumnElement[bool]) -> list[Said]:
    query = select(
        Review.id,
        Review.product_id,
        func.left(Review.text, LONGEST),
        Review.user_key,
        func.timezone(timezone, Review.created_at),
        Review.suspect_reasons,
        Review.suspect_since,
    ).where(Review.workspace_id == workspace_id, Review.scored_by.is_not(None), *conditions)
    found: Iterable[Any] = session.execute(query.order_by(Review.id))
    return [Said(*row) for row in found]
