"""Digests of products, made after their reviews have been scored."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from storage import chunks, digests, jobs, products
from workers.leases import Assignment, HopelessError, NotNow, finish, hand_out
from workers.refresh import PATIENCE
from workers.words import reader_of

if TYPE_CHECKING:
    from nlp.digest import Digester


def digest_chunk(assignment: Assignment) -> None:
    """Do a digest chunk: plan a job's work, or make the digest of one product."""
    if "digest" in assignment.chunk.payload:
        digest(assignment, assignment.chunk.payload["digest"])
    else:
        plan(assignment)


def plan(assignment: Assignment) -> None:
    """Give each product whose digest is stale a chunk of its own, once its reviews have come to rest."""
    version = digester_of(assignment).version
    payload = assignment.chunk.payload
    product_ids = None if payload.get("all") else payload.get("products")
    with assignment.context.sessions.begin() as session:
        young = datetime.now(UTC) - assignment.job.created_at < PATIENCE
        if young and jobs.changing_data(session, assignment.workspace_id):
            raise NotNow(f"job {assignment.job.id} waits for reviews that are still coming in")
        stale = digests.stale_digests(session, assignment.workspace_id, version, product_ids)
        wake = hand_out(session, assignment, [(1, {"digest": product_id}) for product_id in stale])
    wake()


def digester_of(assignment: Assignment) -> Digester:
    """Return the digester of the workspace that an assignment is for.

    Raises
    ------
    HopelessError
        When the language model's address may not be used.
    """
    from nlp.writer import UnsafeAddress

    try:
        return assignment.context.artifacts.digester(reader_of(assignment))
    except UnsafeAddress as error:
        raise HopelessError(f"LLM_BASE_URL: {error}") from error


def digest(assignment: Assignment, product_id: int) -> None:
    """Make the digest of a product, unless it is there already; no transaction is open meanwhile."""
    from nlp.digest import MOST_REVIEWS
    from nlp.summary import ReadReview

    workspace_id = assignment.workspace_id
    digester = digester_of(assignment)
    with assignment.context.sessions() as session:
        stamp = digests.stamps(session, workspace_id, [product_id]).get(product_id, "")
        stale = digests.stale_digests(session, workspace_id, digester.version, [product_id])
        product = products.get_product(session, workspace_id, product_id)
        names = [product.brand, product.category]
        found = digests.digest_reviews(session, workspace_id, product_id, MOST_REVIEWS)
    read = [ReadReview(row.id, row.text, row.day, row.aspects) for row in found]
    made = digester(read, names) if stale else None
    with assignment.context.sessions.begin() as session:
        if made is not None:
            digests.save_digest(session, workspace_id, product_id, digester.version, stamp, made)
        chunks.record(session, assignment.lease, done=assignment.chunk.rows - assignment.chunk.done)
        wake = finish(session, assignment)
    wake()
