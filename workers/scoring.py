"""Texts are read by the analyser and stamped with its version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from nlp.privacy import mask
from storage import chunks, jobs, products, reviews
from workers import aspects, words
from workers.leases import Assignment, HopelessError, finish, hand_out
from workers.masking import mask_products, mask_reviews
from workers.shop_categories import guess_by_shop
from workers.stages import Part, describe_parts, score_parts
from workers.words import reader_of

PLAN_ROWS = 5000


def score_chunk(assignment: Assignment) -> None:
    """Do a score chunk: plan the work of a re-scoring job, read product texts, or read reviews."""
    payload = assignment.chunk.payload
    if payload.get("plan"):
        plan(assignment)
    elif "describe" in payload:
        describe(assignment, payload["describe"])
    else:
        score(assignment, payload["review_ids"])


def score(assignment: Assignment, review_ids: list[int]) -> None:
    """Score those of the reviews that today's analyser has not read; no transaction is open meanwhile."""
    reader = reader_of(assignment)
    with assignment.context.sessions.begin() as session:
        _note_reader(session, assignment, reader.version)
        mask_reviews(session, assignment.workspace_id, review_ids)
        stale = reviews.fetch_stale(session, assignment.workspace_id, review_ids, reader.version)
    found = reader([row.text for row in stale], ratings=[row.rating for row in stale]) if stale else []
    scored = [(row.id, analysis) for row, analysis in zip(stale, found, strict=True)]
    _save(
        assignment,
        lambda session: reviews.save_scores(session, assignment.workspace_id, scored, reader.version),
    )


def describe(assignment: Assignment, product_ids: list[int]) -> None:
    """Read the texts of those products that today's analyser has not read."""
    reader = reader_of(assignment)
    with assignment.context.sessions.begin() as session:
        _note_reader(session, assignment, reader.version)
        mask_products(session, assignment.workspace_id, product_ids)
        stale = products.fetch_stale_products(session, assignment.workspace_id, product_ids, reader.version)
        known = products.embeddings_by_category(session, assignment.workspace_id, reader.version)
    found = reader.describe([row.title for row in stale], [row.description for row in stale])
    guess_by_shop(stale, found, *known)
    read = [(row.id, analysis) for row, analysis in zip(stale, found, strict=True)]
    _save(
        assignment,
        lambda session: products.save_analyses(session, assignment.workspace_id, read, reader.version),
    )


def plan(assignment: Assignment) -> None:
    """Cut everything that today's analyser has not read into chunks of the same job."""
    version = reader_of(assignment).version
    size = assignment.context.settings.score_chunk_rows
    with assignment.context.sessions.begin() as session:
        parts = _stale_parts(session, assignment.workspace_id, version, size)
        wake = hand_out(session, assignment, parts)
    wake()


def analyze_texts(assignment: Assignment) -> None:
    """Analyse the texts a program sent, personal data hidden; the job keeps the result and not the texts.

    Raises
    ------
    HopelessError
        The texts of a job that ended without a result were forgotten meanwhile.
    """
    params = assignment.job.params
    if "words" in params:
        result = words.study(assignment)
    elif "aspects" in params:
        result = aspects.study(assignment)
    elif "texts" in params:
        reader = reader_of(assignment)
        results = reader([mask(text) for text in params["texts"]], only=params.get("only") or None)
        result = {"results": results, "analyzer": reader.version}
    else:
        raise HopelessError("the texts are no longer kept; send them again")

    def save(session: Session) -> None:
        job = jobs.lock_job(session, assignment.workspace_id, assignment.job.id)
        job.params = {name: value for name, value in params.items() if name != "texts"}
        job.result = result

    _save(assignment, save)


def _note_reader(session: Session, assignment: Assignment, version: str) -> None:
    """Before another try: should it be the last, the row is put aside for this version only."""
    if assignment.chunk.attempts > 1:
        chunks.note(session, assignment.lease, reader=version)


def _save(assignment: Assignment, save: Callable[[Session], Any]) -> None:
    rest = assignment.chunk.rows - assignment.chunk.done
    with assignment.context.sessions.begin() as session:
        save(session)
        chunks.record(session, assignment.lease, done=rest)
        wake = finish(session, assignment)
    wake()


def _stale_parts(session: Session, workspace_id: int, version: str, size: int) -> list[Part]:
    parts: list[Part] = []
    after = 0
    while found := reviews.stale_ids(session, workspace_id, version, after=after, limit=PLAN_ROWS):
        parts += score_parts(found, size)
        after = found[-1][0]
    after = 0
    while ids := products.stale_product_ids(session, workspace_id, version, after=after, limit=PLAN_ROWS):
        parts += describe_parts(ids, size)
        after = ids[-1]
    return parts
