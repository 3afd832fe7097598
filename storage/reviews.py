"""Reviews: bulk loading, lists of evidence, and what the analyser wrote about them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Unpack
from uuid import UUID

import pandas as pd
from psycopg.types.json import Jsonb
from sqlalchemy import ColumnElement, Select, and_, func, literal_column, select, text, tuple_, update
from sqlalchemy.orm import Session, joinedload

from storage import months, relabels
from storage.bulk import stage
from storage.errors import NotFound
from storage.models import Review
from storage.paging import Page, checked_limit, decode_cursor, page_of
from storage.scope import Scope, within

GIVEN = (
    "product_id",
    "source",
    "external_id",
    "created_at",
    "day",
    "text",
    "title",
    "rating",
    "user_key",
    "sku",
    "purchased_at",
    "channel",
    "incentivised",
)
MAY_LACK = ("source", "title", "user_key", "sku", "channel")
SCORED = (
    "id",
    "label",
    "score",
    "p_negative",
    "p_neutral",
    "p_positive",
    "aspects",
    "keywords",
    "is_suspect",
    "suspect_reasons",
    "pii",
    "language",
    "scored_by",
)
THESE = """reviews.id = ANY(:ids) AND reviews.day BETWEEN :first AND :last
            AND reviews.workspace_id = :workspace"""


@dataclass(frozen=True)
class ReviewText:
    """What the analyser reads of a review."""

    id: int
    text: str
    rating: float | None


def read_by(session: Session, workspace_id: int, product_id: int, start: date, end: date) -> str:
    """Return the version of the analyser that read a product's newest review of some days, empty for none."""
    newest = select(Review.scored_by).where(
        Review.workspace_id == workspace_id,
        Review.product_id == product_id,
        Review.day.between(start, end),
        Review.scored_by.is_not(None),
    )
    found = session.scalar(newest.order_by(Review.day.desc()).limit(1))
    return found or ""


def get_review(session: Session, workspace_id: int, review_id: int) -> Review:
    """Return the review, or raise `NotFound`."""
    query = select(Review).where(Review.id == review_id, Review.workspace_id == workspace_id)
    review = session.scalar(query)
    if review is None:
        raise NotFound("review", review_id)
    return review


def list_reviews(
    session: Session,
    workspace_id: int,
    product_id: int | None = None,
    *,
    start: date | None = None,
    end: date | None = None,
    aspect: str | None = None,
    polarity: str | None = None,
    query: str = "",
    ids: Collection[int] | None = None,
    cursor: str | None = None,
    limit: int = 50,
    **scope: Unpack[Scope],
) -> Page[Review]:
    """List reviews, newest first, each with its product loaded.

    Parameters
    ----------
    start, end
        First and last local day of arrival.
    aspect
        Category of an aspect the review must speak about, e.g. 物流.
    polarity
        positive, negative, neutral: of that aspect, or of the whole review without one;
        uncertain is a label of whole reviews only.
    ids
        Only these reviews, e.g. the evidence of a forecast.
    **scope
        See `storage.scope.Scope`.

    Raises
    ------
    BadCursor
        The cursor is not of this list.
    """
    found = select(Review).options(joinedload(Review.product)).where(Review.workspace_id == workspace_id)
    if product_id is not None:
        found = found.where(Review.product_id == product_id)
    if ids is not None:
        found = found.where(Review.id.in_(ids))
    found = found.where(*within(start, end, **scope), *_about(aspect, polarity))
    if query.strip():
        found = found.where(Review.text.icontains(query.strip(), autoescape=True))
    found = _after(found, cursor).order_by(Review.created_at.desc(), Review.id.desc())
    # Spelt out: a number that PostgreSQL does not know makes it plan all months anew each time.
    most: ColumnElement[int] = literal_column(str(checked_limit(limit) + 1))
    rows = session.scalars(found.limit(most)).all()
    return page_of(rows, limit, lambda review: (review.created_at, review.id))


def evidence_ids(
    session: Session, workspace_id: int, product_id: int, start: date, end: date, limit: int = 8
) -> list[int]:
    """Return the ids of the most telling reviews of some days: the strongest, unsuspected ones."""
    query = (
        select(Review.id)
        .where(
            Review.workspace_id == workspace_id,
            Review.product_id == product_id,
            Review.score.is_not(None),
            *within(start, end, True),
        )
        .order_by(
            (func.jsonb_array_length(Review.aspects) > 0).desc(),
            func.abs(Review.score).desc(),
            Review.id.desc(),
        )
    )
    return list(session.scalars(query.limit(limit)))


def copy_reviews(
    session: Session,
    workspace_id: int,
    rows: Iterable[Mapping[str, Any]],
    job_id: UUID | None = None,
    meanwhile: Callable[[], object] = lambda: None,
) -> list[tuple[int, int]]:
    """Put new reviews in; one that is there already (source and external id) is left alone.

    Parameters
    ----------
    rows
        Mappings with `product_id` (ours), `external_id`, `created_at`, `day`, `text` and any of
        source, title, rating, user_key, sku, purchased_at, channel, incentivised.
    meanwhile
        Called when the rows are handed over and the database begins its part.

    Returns
    -------
    list of (int, int)
        Review id and product id of the rows that are new.
    """
    rows = list(rows)
    months.make(session, {row["day"] for row in rows})
    staged = stage(session, Review, GIVEN, rows)
    meanwhile()
    listed = ", ".join(GIVEN)
    filled = ", ".join(f"COALESCE({name}, '') AS {name}" if name in MAY_LACK else name for name in GIVEN)
    inserted = session.execute(
        text(f"""
        WITH given AS MATERIALIZED (
            SELECT nextval('reviews_id_seq') AS id, ordinal, {filled} FROM {staged}
        ), named AS (
            INSERT INTO review_keys (workspace_id, source, external_id, review_id)
            SELECT :workspace, source, external_id, id FROM given ORDER BY source, external_id, ordinal
            ON CONFLICT DO NOTHING RETURNING review_id
        ), put AS (
            INSERT INTO reviews (id, workspace_id, job_id, {listed})
            SELECT id, :workspace, CAST(:job AS uuid), {listed} FROM given JOIN named ON review_id = id
            ORDER BY id RETURNING id, product_id
        )
        SELECT array_agg(id), array_agg(product_id) FROM put
        """),  # noqa: S608  (names are our own)
        {"workspace": workspace_id, "job": job_id},
    ).one()
    return list(zip(*inserted, strict=True)) if inserted[0] else []


def fetch_stale(session: Session, workspace_id: int, ids: Collection[int], version: str) -> list[ReviewText]:
    """Return the texts of those reviews that this analyser version has not read."""
    found = session.execute(
        select(Review.id, Review.text, Review.rating)
        .where(
            Review.workspace_id == workspace_id,
            Review.id == func.any(list(ids)),
            Review.scored_by.is_distinct_from(version),
        )
        .order_by(Review.id)
    )
    return [ReviewText(*row) for row in found]


def stale_ids(
    session: Session, workspace_id: int, version: str, *, after: int = 0, limit: int = 1000
) -> list[tuple[int, int]]:
    """Return (review id, product id) above `after` that this analyser version has not read."""
    found = session.execute(
        select(Review.id, Review.product_id)
        .where(
            Review.workspace_id == workspace_id,
            Review.id > after,
            Review.scored_by.is_distinct_from(version),
        )
        .order_by(Review.id)
        .limit(limit)
    )
    return [(id, product_id) for id, product_id in found]


def save_scores(
    session: Session, workspace_id: int, analyses: Sequence[tuple[int, Mapping[str, Any]]], version: str
) -> int:
    """Write what the analyser found, stamped with its version; return how many rows changed."""
    staged = stage(session, Review, SCORED, (_scored(id, found, version) for id, found in analyses))
    assigned = ", ".join(f"{name} = {staged}.{name}" for name in SCORED if name != "id")
    these = months_of(session, workspace_id, [id for id, _ in analyses])
    saved = session.execute(
        text(f"""
        UPDATE reviews SET {assigned} FROM {staged}
        WHERE reviews.id = {staged}.id AND {THESE} RETURNING reviews.id
        """),  # noqa: S608  (names are our own)
        these,
    )
    ids = saved.scalars().all()
    relabels.keep(session, workspace_id, ids)
    session.expire_all()
    return len(ids)


def months_of(session: Session, workspace_id: int, ids: Sequence[int]) -> dict[str, Any]:
    """Return the parameters of `THESE`, which leads a statement to some reviews and to no other month."""
    ids = list(ids)
    # Asked for their smallest, PostgreSQL walks the workspace by day until it meets one of them.
    query = select(Review.day).where(Review.workspace_id == workspace_id, Review.id == func.any(ids))
    days = session.scalars(query).all()
    span = {"first": min(days, default=None), "last": max(days, default=None)}
    return {"workspace": workspace_id, "ids": ids} | span


def set_aside(session: Session, workspace_id: int, id: int, version: str) -> None:
    """Stamp a review that an analyser version cannot read: it is not tried again before the next version."""
    session.execute(
        update(Review).where(Review.id == id, Review.workspace_id == workspace_id).values(scored_by=version)
    )


def review_frame(session: Session, workspace_id: int, product_ids: Collection[int]) -> pd.DataFrame:
    """Return the scored reviews of some products, as the daily features need them.

    Returns
    -------
    DataFrame
        A row per review: id, product_id, ds (datetime64, local day of arrival), score, label, rating,
        length (characters), is_suspect (already on its day); ordered by product and day.
    """
    found = session.execute(
        select(
            Review.id,
            Review.product_id,
            Review.day.label("ds"),
            Review.score,
            Review.label,
            Review.rating,
            func.length(Review.text).label("length"),
            and_(Review.is_suspect, func.coalesce(Review.suspect_since, Review.day) <= Review.day).label(
                "is_suspect"
            ),
        )
        .where(
            Review.workspace_id == workspace_id,
            Review.product_id.in_(product_ids),
            Review.scored_by.is_not(None),
        )
        .order_by(Review.product_id, Review.day, Review.id)
    )
    frame = pd.DataFrame(found.all(), columns=list(found.keys()))
    frame["ds"] = pd.to_datetime(frame["ds"])
    return frame.astype({"score": "float64", "rating": "float64", "is_suspect": "bool"})


def _about(aspect: str | None, polarity: str | None) -> list[ColumnElement[bool]]:
    if aspect is not None:
        wanted = {"category": aspect} | ({"polarity": polarity} if polarity else {})
        return [Review.aspects.contains([wanted])]
    return [Review.label == polarity] if polarity else []


def _after(statement: Select[Any], cursor: str | None) -> Select[Any]:
    if not cursor:
        return statement
    created_at, id = decode_cursor(cursor, datetime.fromisoformat, int)
    return statement.where(tuple_(Review.created_at, Review.id) < (created_at, id))


def _scored(id: int, found: Mapping[str, Any], version: str) -> dict[str, Any]:
    sentiment = found["sentiment"]
    suspect = found.get("suspect") or {}
    return {
        "id": id,
        "label": sentiment["label"],
        "score": sentiment["score"],
        "p_negative": sentiment["negative"],
        "p_neutral": sentiment["neutral"],
        "p_positive": sentiment["positive"],
        "aspects": Jsonb(list(found.get("aspects") or [])),
        "keywords": list(found.get("keywords") or []),
        "is_suspect": bool(suspect.get("is_suspect")),
        "suspect_reasons": list(suspect.get("reasons") or []),
        "pii": list(found.get("pii") or []),
        "language": found.get("language") or "",
        "scored_by": version,
    }
