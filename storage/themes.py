"""What reviews speak about: aspects and keywords."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class AspectRow:
    """An aspect category within some days.

    Attributes
    ----------
    mentions
        Reviews that speak about it, of whom `reviewers` different people.
    positive, negative, neutral
        Of them, the reviews with a mention of that polarity.
    rating_mean
        Mean stars of those reviews, None without stars.
    spark
        Reviews with a negative mention, one number per day of the span.
    """

    category: str
    mentions: int
    reviewers: int
    positive: int
    negative: int
    neutral: int
    rating_mean: float | None
    spark: list[int]


def aspects(
    session: Session,
    workspace_id: int,
    product_id: int | None = None,
    *,
    start: date,
    end: date,
    exclude_suspect: bool = False,
    minimum: int = 3,
) -> list[AspectRow]:
    """Return the aspects of some days, those with most negative mentions first.

    Parameters
    ----------
    minimum
        An aspect that fewer different reviewers mention is left out; nameless reviewers count
        one each.
    """
    found = session.execute(
        text("""
        WITH mention AS (
            SELECT review.id, review.day, review.rating,
                COALESCE(NULLIF(review.user_key, ''), review.id::text) AS reviewer,
                item->>'category' AS category,
                bool_or(item->>'polarity' = 'positive') AS positive,
                bool_or(item->>'polarity' = 'negative') AS negative,
                bool_or(item->>'polarity' = 'neutral') AS neutral
            FROM reviews AS review CROSS JOIN LATERAL jsonb_array_elements(review.aspects) AS item
            WHERE review.workspace_id = :workspace AND review.day BETWEEN :start AND :end
                AND (CAST(:product AS bigint) IS NULL OR review.product_id = :product)
                AND NOT (:exclude AND review.is_suspect)
            GROUP BY review.id, category
        ), per_day AS (
            SELECT category, day, count(*) AS negative FROM mention WHERE negative GROUP BY category, day
        )
        SELECT category, count(*) AS mentions, count(DISTINCT reviewer) AS reviewers,
            count(*) FILTER (WHERE positive) AS positive, count(*) FILTER (WHERE negative) AS negative,
            count(*) FILTER (WHERE neutral) AS neutral, avg(rating) AS rating_mean,
            (SELECT array_agg(COALESCE(per_day.negative, 0) ORDER BY each_day)
             FROM generate_series(CAST(:start AS date), CAST(:end AS date), interval '1 day') AS each_day
             LEFT JOIN per_day ON per_day.category = mention.category AND per_day.day = each_day::date
            ) AS spark
        FROM mention GROUP BY category HAVING count(DISTINCT reviewer) >= :minimum
        ORDER BY count(*) FILTER (WHERE negative) DESC, count(*) DESC, category
        """),
        _span(workspace_id, product_id, start, end) | {"exclude": exclude_suspect, "minimum": minimum},
    )
    return [AspectRow(**row) for row in found.mappings()]


def aspect_days(
    session: Session, workspace_id: int, product_ids: Collection[int] | None = None
) -> pd.DataFrame:
    """Count the reviews of each day of arrival that blame and that praise an aspect.

    All scored reviews count, as in the daily features.

    Returns
    -------
    DataFrame
        unique_id (our product id as text), ds, category, negative, positive; a row only where either is
        above 0. A review that does both counts in both.
    """
    found = session.execute(
        text("""
        WITH mention AS (
            SELECT review.id, review.product_id, review.day, item->>'category' AS category,
                bool_or(item->>'polarity' = 'positive') AS positive,
                bool_or(item->>'polarity' = 'negative') AS negative
            FROM reviews AS review CROSS JOIN LATERAL jsonb_array_elements(review.aspects) AS item
            WHERE review.workspace_id = :workspace AND review.scored_by IS NOT NULL
                AND (CAST(:products AS bigint[]) IS NULL OR review.product_id = ANY(:products))
            GROUP BY review.id, category
        )
        SELECT product_id::text, day, category,
            count(*) FILTER (WHERE negative), count(*) FILTER (WHERE positive)
        FROM mention WHERE negative OR positive
        GROUP BY product_id, day, category ORDER BY product_id, day, category
        """),
        {"workspace": workspace_id, "products": None if product_ids is None else list(product_ids)},
    )
    frame = pd.DataFrame(found.all(), columns=["unique_id", "ds", "category", "negative", "positive"])
    return frame.astype({"ds": "datetime64[ns]", "negative": "float64", "positive": "float64"})


def keywords(
    session: Session,
    workspace_id: int,
    product_id: int | None = None,
    *,
    start: date,
    end: date,
    label: str | None = None,
    limit: int = 50,
) -> list[tuple[str, int]]:
    """Return the words found in most reviews of some days, with how many reviews hold them.

    Parameters
    ----------
    label
        Only of reviews with this label, e.g. negative.
    """
    found = session.execute(
        text("""
        SELECT word, count(DISTINCT review.id) AS reviews
        FROM reviews AS review CROSS JOIN LATERAL unnest(review.keywords) AS word
        WHERE review.workspace_id = :workspace AND review.day BETWEEN :start AND :end
            AND (CAST(:product AS bigint) IS NULL OR review.product_id = :product)
            AND (CAST(:label AS text) IS NULL OR review.label = :label)
        GROUP BY word ORDER BY reviews DESC, word LIMIT :limit
        """),
        _span(workspace_id, product_id, start, end) | {"label": label, "limit": limit},
    )
    return [(word, reviews) for word, reviews in found]


def _span(workspace_id: int, product_id: int | None, start: date, end: date) -> dict[str, Any]:
    return {"workspace": workspace_id, "product": product_id, "start": start, "end": end}


def mentions(
    session: Session, workspace_id: int, product_id: int, start: date, end: date
) -> dict[tuple[str, str], list[int]]:
    """Return which reviews of some days blame and which praise each aspect.

    All scored reviews count, as in the daily features.

    Returns
    -------
    dict
        (category, ``negative`` or ``positive``) -> review ids, ascending.
    """
    found = session.execute(
        text("""
        SELECT DISTINCT review.id, item->>'category', item->>'polarity'
        FROM reviews AS review CROSS JOIN LATERAL jsonb_array_elements(review.aspects) AS item
        WHERE review.workspace_id = :workspace AND review.product_id = :product
            AND review.day BETWEEN :start AND :end AND review.scored_by IS NOT NULL
            AND item->>'polarity' IN ('negative', 'positive')
        ORDER BY review.id
        """),
        {"workspace": workspace_id, "product": product_id, "start": start, "end": end},
    )
    about: dict[tuple[str, str], list[int]] = {}
    for id, category, polarity in found:
        about.setdefault((category, polarity), []).append(id)
    return about
