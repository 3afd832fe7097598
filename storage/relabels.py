"""改判: a person's label of a review stands in place of the analyser's until it is undone."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from storage.chunks import add_chunks
from storage.errors import Conflict, NotFound
from storage.jobs import ACTIVE, create_job, lock_job
from storage.models import Chunk, Job, Relabel, Review

SURE = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}
QUIET_SECONDS = 20
"""A quiet time in which further labels join the same job."""


@dataclass(frozen=True)
class Agreement:
    """Of `n` reviews that the analyser had given a label, a person gave `agreed` the same."""

    label: str
    n: int
    agreed: int


@dataclass(frozen=True)
class Correction:
    """A review's text with the label that holds."""

    text: str
    label: str


def relabel(session: Session, workspace_id: int, review_id: int, label: str, user_id: int | None) -> Relabel:
    """Let a label stand for a review in place of what the analyser says, and of an earlier one.

    Where a person says the same as the analyser its score stays too.

    Raises
    ------
    NotFound
        No such review in this workspace.
    Conflict
        The analyser has not read it yet, so there is nothing to correct.
    """
    review = _locked(session, workspace_id, review_id)
    if review.scored_by is None:
        raise Conflict(f"review {review_id} is not scored yet; correct it once it is")
    old = _holding(session, workspace_id, review_id)
    model = (old.model_label, old.model_score) if old else (review.label, review.score)
    if old is not None:
        old.ended_at = func.now()
        session.flush()
    made = Relabel(
        workspace_id=workspace_id,
        product_id=review.product_id,
        review_id=review_id,
        day=review.day,
        label=label,
        seen_label=model[0] or "",
        analyzer=review.scored_by,
        model_label=model[0],
        model_score=model[1],
        user_id=user_id,
    )
    session.add(made)
    review.label, review.score = label, model[1] if label == model[0] else SURE[label]
    session.flush()
    return made


def undo(session: Session, workspace_id: int, review_id: int) -> Relabel | None:
    """Return to what the newest analyser says; None where nobody had said otherwise.

    Raises
    ------
    NotFound
        No such review in this workspace.
    """
    review = _locked(session, workspace_id, review_id)
    held = _holding(session, workspace_id, review_id)
    if held is None:
        return None
    held.ended_at = func.now()
    review.label, review.score = held.model_label, held.model_score
    session.flush()
    return held


def keep(session: Session, workspace_id: int, review_ids: Collection[int]) -> None:
    """Let labels of people stand over scores that were just written, and note what the analyser says now."""
    given = {"workspace": workspace_id, "ids": list(review_ids)}
    here = """relabels.workspace_id = :workspace AND relabels.ended_at IS NULL
        AND relabels.review_id = ANY(:ids) AND reviews.workspace_id = :workspace
        AND reviews.id = relabels.review_id AND reviews.day = relabels.day"""
    noted = session.execute(
        text(f"""
        UPDATE relabels SET model_label = reviews.label, model_score = reviews.score
        FROM reviews WHERE {here} RETURNING 1
        """),  # noqa: S608  (a constant of ours)
        given,
    )
    if noted.all():
        session.execute(
            text(f"""
            UPDATE reviews SET label = relabels.label,
                score = CASE relabels.label WHEN relabels.model_label THEN relabels.model_score
                    WHEN 'negative' THEN -1.0 WHEN 'positive' THEN 1.0 ELSE 0.0 END
            FROM relabels WHERE {here}
            """),  # noqa: S608  (a constant of ours)
            given,
        )


def holding(session: Session, workspace_id: int, review_ids: Collection[int]) -> dict[int, Relabel]:
    """Return the labels of people that hold, by review."""
    if not review_ids:
        return {}
    query = select(Relabel).where(
        Relabel.workspace_id == workspace_id, Relabel.review_id.in_(review_ids), Relabel.ended_at.is_(None)
    )
    return {found.review_id: found for found in session.scalars(query)}


def request_rebuild(session: Session, workspace_id: int, product_id: int) -> Job:
    """Ask for a product's daily features with its new labels; what is asked soon after is the same job."""
    job = lock_job(session, workspace_id, _score_job(session, workspace_id).id)
    if job.state not in ACTIVE:
        job = _score_job(session, workspace_id)
    waiting = select(Chunk).where(
        Chunk.job_id == job.id, Chunk.state == "pending", Chunk.payload.contains({"review_ids": []})
    )
    chunk = session.scalar(waiting.order_by(Chunk.id).limit(1).with_for_update(skip_locked=True))
    if chunk is None:
        [chunk] = add_chunks(session, workspace_id, job.id, "score", [(0, {"review_ids": []})])
        chunk.not_before = func.now() + timedelta(seconds=QUIET_SECONDS)
    known = chunk.payload.get("product_ids", ())
    chunk.payload = {"review_ids": [], "product_ids": sorted({*known, product_id})}
    session.flush()
    return job


def unsure(
    session: Session, workspace_id: int, *, days: int = 90, product_id: int | None = None, limit: int = 20
) -> list[Review]:
    """Return the reviews of the newest days that the analyser was least sure of and nobody has judged."""
    last = select(func.max(Review.day)).where(Review.workspace_id == workspace_id)
    newest = session.scalar(last)
    if newest is None:
        return []
    judged = select(Relabel.id).where(
        Relabel.workspace_id == workspace_id, Relabel.review_id == Review.id, Relabel.ended_at.is_(None)
    )
    query = select(Review).where(
        Review.workspace_id == workspace_id,
        Review.day > newest - timedelta(days=days),
        Review.score.is_not(None),
        ~Review.is_suspect,
        ~judged.exists(),
    )
    if product_id is not None:
        query = query.where(Review.product_id == product_id)
    ordered = query.order_by((Review.label == "uncertain").desc(), func.abs(Review.score), Review.id.desc())
    return list(session.scalars(ordered.limit(limit)))


def agreement(session: Session, workspace_id: int) -> list[Agreement]:
    """Count by the label people saw how many gave the same, over the labels that hold."""
    query = (
        select(Relabel.seen_label, func.count(), func.count().filter(Relabel.label == Relabel.seen_label))
        .where(Relabel.workspace_id == workspace_id, Relabel.ended_at.is_(None), Relabel.seen_label != "")
        .group_by(Relabel.seen_label)
    )
    return [Agreement(*row) for row in session.execute(query.order_by(Relabel.seen_label))]


def corrections(session: Session, workspace_id: int) -> Iterator[Correction]:
    """Yield the texts that people gave a label which holds, the oldest label first."""
    query = (
        select(Review.text, Relabel.label)
        .join(Relabel, (Relabel.review_id == Review.id) & (Relabel.day == Review.day))
        .where(
            Relabel.workspace_id == workspace_id,
            Relabel.ended_at.is_(None),
            Review.workspace_id == workspace_id,
        )
        .order_by(Relabel.id)
    )
    for row in session.execute(query.execution_options(yield_per=1000)):
        yield Correction(*row)


def _locked(session: Session, workspace_id: int, review_id: int) -> Review:
    query = select(Review).where(Review.id == review_id, Review.workspace_id == workspace_id)
    review = session.scalar(query.with_for_update(), execution_options={"populate_existing": True})
    if review is None:
        raise NotFound("review", review_id)
    return review


def _holding(session: Session, workspace_id: int, review_id: int) -> Relabel | None:
    return holding(session, workspace_id, [review_id]).get(review_id)


def _score_job(session: Session, workspace_id: int) -> Job:
    return create_job(session, workspace_id, "score", delay_seconds=QUIET_SECONDS)
