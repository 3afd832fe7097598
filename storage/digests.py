"""Digests of products: which are wanted, from which reviews, and what they say."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storage.chunks import add_chunks
from storage.jobs import ACTIVE, create_job, lock_job
from storage.models import Chunk, Job, ProductDigest, Review


@dataclass(frozen=True)
class DigestReview:
    """What a digest is made of: a scored review that is not suspect."""

    id: int
    text: str
    day: date
    aspects: list[dict[str, Any]]


def stamps(session: Session, workspace_id: int, product_ids: Collection[int] | None = None) -> dict[int, str]:
    """Name the state of the scored reviews of products, all by default.

    Returns
    -------
    dict of int to str
        Changes when a review is added, taken away, scored anew or suspected; products without are left out.
    """
    state = [
        func.count(),
        func.count().filter(~Review.is_suspect),
        func.max(Review.id),
        func.min(Review.scored_by),
        func.max(Review.scored_by),
    ]
    query = select(Review.product_id, *state).where(
        Review.workspace_id == workspace_id, Review.scored_by.is_not(None)
    )
    if product_ids is not None:
        query = query.where(Review.product_id.in_(product_ids))
    found = session.execute(query.group_by(Review.product_id))
    return {row[0]: " ".join(map(str, row[1:])) for row in found}


def stale_digests(
    session: Session, workspace_id: int, version: str, product_ids: Collection[int] | None = None
) -> list[int]:
    """Return products whose digest is missing, or not of this version and of today's reviews."""
    query = select(ProductDigest.product_id, ProductDigest.stamp).where(
        ProductDigest.workspace_id == workspace_id, ProductDigest.version == version
    )
    fresh = dict(session.execute(query).all())
    wanted = stamps(session, workspace_id, product_ids)
    return sorted(product_id for product_id, stamp in wanted.items() if fresh.get(product_id) != stamp)


def digest_reviews(session: Session, workspace_id: int, product_id: int, most: int) -> list[DigestReview]:
    """Return the newest scored, unsuspected reviews of a product, at most so many."""
    query = select(Review.id, Review.text, Review.day, Review.aspects).where(
        Review.workspace_id == workspace_id,
        Review.product_id == product_id,
        Review.scored_by.is_not(None),
        ~Review.is_suspect,
    )
    found = session.execute(query.order_by(Review.created_at.desc(), Review.id.desc()).limit(most))
    return [DigestReview(*row) for row in found]


def save_digest(
    session: Session, workspace_id: int, product_id: int, version: str, stamp: str, digest: Mapping[str, Any]
) -> None:
    """Keep a digest in place of the one before."""
    values = {"version": version, "stamp": stamp, "digest": dict(digest), "created_at": func.now()}
    session.execute(
        insert(ProductDigest)
        .values(product_id=product_id, workspace_id=workspace_id, **values)
        .on_conflict_do_update(index_elements=["product_id"], set_=values)
    )
    session.expire_all()


def get_digest(session: Session, workspace_id: int, product_id: int) -> ProductDigest | None:
    """Return a product's digest, or None while there is none."""
    found = session.get(ProductDigest, product_id)
    return found if found is not None and found.workspace_id == workspace_id else None


def is_stale(session: Session, digest: ProductDigest) -> bool:
    """Tell whether the product's reviews have changed since."""
    today = stamps(session, digest.workspace_id, [digest.product_id])
    return today.get(digest.product_id) != digest.stamp


def request_digests(
    session: Session, workspace_id: int, product_ids: Collection[int] | None = None, delay_seconds: int = 0
) -> Job:
    """Ask for the digests of products, all by default; one job at a time waits and takes in what is asked.

    Only what is stale by then is made.
    """
    job = create_job(session, workspace_id, "digest", delay_seconds=delay_seconds)
    job = lock_job(session, workspace_id, job.id)
    if job.state not in ACTIVE:
        job = create_job(session, workspace_id, "digest", delay_seconds=delay_seconds)
    query = select(Chunk).where(
        Chunk.job_id == job.id, Chunk.state == "pending", Chunk.payload.has_key("plan")
    )
    # A locked plan is being taken by a worker this moment, which holds the chunk and wants the job.
    plan = session.scalar(query.limit(1).with_for_update(skip_locked=True))
    if plan is None:
        [plan] = add_chunks(session, workspace_id, job.id, "digest", [(0, {"plan": True})])
    if product_ids is None:
        plan.payload = {"plan": True, "all": True}
    elif "all" not in plan.payload:
        plan.payload = {"plan": True, "products": sorted({*plan.payload.get("products", ()), *product_ids})}
    session.flush()
    return job
