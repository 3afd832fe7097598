"""What reviews speak about: aspects and keywords."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Unpack

import pandas as pd
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from storage.models import Review
from storage.scope import SCOPED, Scope, of_product, parameters, within


@dataclass(frozen=True)
class Stars:
    """How many reviews have stars, their mean and their sample variance, None where there are too few."""

    n: int
    mean: float | None
    variance: float | None

    @classmethod
    def of(cls, n: int, total: float | None, squares: float | None) -> Stars:
        """Make it from sums over the reviews."""
        mean = (total or 0.0) / n if n else None
        spread = max((squares or 0.0) - n * mean * mean, 0.0) if mean is not None else 0.0
        return cls(n, mean, spread / (n - 1) if n > 1 else None)


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
    blaming, others
        Stars of the reviews with a negative mention, and of all other reviews of the span.
    """

    category: str
    mentions: int
    reviewers: int
    positive: int
    negative: int
    neutral: int
    rating_mean: float | None
    spark: list[int]
    blaming: Stars = Stars(0, None, None)
    others: Stars = Stars(0, None, None)


def aspects(
    session: Session,
    workspace_id: int,
    product_id: int | None = None,
    *,
    start: date,
    end: date,
    minimum: int = 3,
    **scope: Unpack[Scope],
) -> list[AspectRow]:
    """Return the aspects of some days, those with most negative mentions first.

    Parameters
    ----------
    minimum
        An aspect that fewer different reviewers mention is left out; nameless reviewers count
        one each.
    """
    found = session.execute(
        text(f"""
        WITH chosen AS MATERIALIZED (
            SELECT id, day, rating, COALESCE(NULLIF(user_key, ''), id::text) AS reviewer, aspects
            FROM reviews AS review
            WHERE review.workspace_id = :workspace AND review.day BETWEEN :start AND :end
                AND {of_product(product_id, "review.product_id = :product")} AND {SCOPED}
        ), mention AS (
            SELECT id, day, rating, reviewer, item->>'category' AS category,
                bool_or(item->>'polarity' = 'positive') AS positive,
                bool_or(item->>'polarity' = 'negative') AS negative,
                bool_or(item->>'polarity' = 'neutral') AS neutral
            FROM chosen CROSS JOIN LATERAL jsonb_array_elements(aspects) AS item
            GROUP BY id, day, rating, reviewer, category
        ), whole AS (
            SELECT count(rating) AS n, COALESCE(sum(rating), 0) AS total,
                COALESCE(sum(rating * rating), 0) AS squares
            FROM chosen
        ), per_day AS (
            SELECT category, day, count(*) AS negative FROM mention WHERE negative GROUP BY category, day
        )
        SELECT category, count(*) AS mentions, count(DISTINCT reviewer) AS reviewers,
            count(*) FILTER (WHERE positive) AS positive, count(*) FILTER (WHERE negative) AS negative,
            count(*) FILTER (WHERE neutral) AS neutral, avg(rating) AS rating_mean,
            (SELECT array_agg(COALESCE(per_day.negative, 0) ORDER BY each_day)
             FROM generate_series(CAST(:start AS date), CAST(:end AS date), interval '1 day') AS each_day
             LEFT JOIN per_day ON per_day.category = mention.category AND per_day.day = each_day::date
            ) AS spark,
            count(rating) FILTER (WHERE negative) AS blaming_n,
            sum(rating) FILTER (WHERE negative) AS blaming_total,
            sum(rating * rating) FILTER (WHERE negative) AS blaming_squares,
            (SELECT n FROM whole) AS whole_n, (SELECT total FROM whole) AS whole_total,
            (SELECT squares FROM whole) AS whole_squares
        FROM mention GROUP BY category HAVING count(DISTINCT reviewer) >= :minimum
        ORDER BY count(*) FILTER (WHERE negative) DESC, count(*) DESC, category
        """),  # noqa: S608  (a constant of ours)
        _span(workspace_id, product_id, start, end) | parameters(scope) | {"minimum": minimum},
    )
    return [_aspect_row(dict(row)) for row in found.mappings()]


def _aspect_row(row: dict[str, Any]) -> AspectRow:
    names = ("n", "total", "squares")
    blaming = [row.pop(f"blaming_{name}") or 0 for name in names]
    whole = [row.pop(f"whole_{name}") for name in names]
    others = [all - part for all, part in zip(whole, blaming, strict=True)]
    return AspectRow(**row, blaming=Stars.of(*blaming), others=Stars.of(*others))


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
            GROUP BY review.id, review.day, category
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
    **scope: Unpack[Scope],
) -> list[tuple[str, int]]:
    """Return the words found in most reviews of some days, with how many reviews hold them.

    Parameters
    ----------
    label
        Only of reviews with this label, e.g. negative.
    """
    found = session.execute(
        text(f"""
        SELECT word, count(DISTINCT review.id) AS reviews
        FROM reviews AS review CROSS JOIN LATERAL unnest(review.keywords) AS word
        WHERE review.workspace_id = :workspace AND review.day BETWEEN :start AND :end
            AND {of_product(product_id, "review.product_id = :product")}
            AND (CAST(:label AS text) IS NULL OR review.label = :label)
            AND {SCOPED}
        GROUP BY word ORDER BY reviews DESC, word LIMIT :limit
        """),  # noqa: S608  (a constant of ours)
        _span(workspace_id, product_id, start, end) | parameters(scope) | {"label": label, "limit": limit},
    )
    return [(word, reviews) for word, reviews in found]


def uses(
    session: Session,
    workspace_id: int,
    product_id: int,
    *,
    start: date,
    end: date,
    limit: int = 50,
    **scope: Unpack[Scope],
) -> tuple[dict[str, int], dict[str, int]]:
    """Return how many reviews of some days blame each aspect, and how many hold each of the commonest words.

    Parameters
    ----------
    limit
        So many words, as `keywords` orders them.
    """
    found = session.execute(
        text(f"""
        WITH chosen AS MATERIALIZED (
            SELECT id, aspects, keywords FROM reviews AS review
            WHERE review.workspace_id = :workspace AND review.day BETWEEN :start AND :end
                AND review.product_id = :product AND {SCOPED}
        ), words AS (
            SELECT word, count(DISTINCT id) AS reviews
            FROM chosen CROSS JOIN LATERAL unnest(keywords) AS word
            GROUP BY word ORDER BY reviews DESC, word LIMIT :limit
        )
        SELECT false AS is_word, item->>'category' AS name, count(DISTINCT id) AS reviews
        FROM chosen CROSS JOIN LATERAL jsonb_array_elements(aspects) AS item
        WHERE item->>'polarity' = 'negative' GROUP BY name
        UNION ALL SELECT true, word, reviews FROM words
        """),  # noqa: S608  (a constant of ours)
        _span(workspace_id, product_id, start, end) | parameters(scope) | {"limit": limit},
    )
    blamed: dict[str, int] = {}
    words: dict[str, int] = {}
    for is_word, name, reviews in found:
        (words if is_word else blamed)[name] = reviews
    return blamed, words


def count_scored(
    session: Session, workspace_id: int, product_id: int, *, start: date, end: date, **scope: Unpack[Scope]
) -> int:
    """Count the scored reviews of some days: those whose aspects and keywords are known."""
    query = select(func.count(Review.label)).where(
        Review.workspace_id == workspace_id, Review.product_id == product_id, *within(start, end, **scope)
    )
    return session.scalar(query) or 0


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
