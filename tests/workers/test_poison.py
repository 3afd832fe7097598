from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select

from storage import chunks, jobs, reviews
from storage.models import Chunk, Job, Product, Review
from storage.progress import progress
from tests.workers.factories import VERSION, csv_import, work, work_off
from workers import leases
from workers.context import Context
from workers.poison import MOST_LOST, PARTS
from workers.stages import FIRST_ROWS

HEADER = "product_id,review_id,created_at,text"


def imported(context: Context, workspace_id: int, texts: list[str]) -> UUID:
    lines = [f"A{n % 3},r{n},2026-11-01,{text}" for n, text in enumerate(texts)]
    return csv_import(context, workspace_id, "reviews", HEADER, lines)


def work_through(context: Context, job_id: UUID) -> Job:
    """Do the job without waiting between attempts."""
    while True:
        job = work_off(context, job_id)
        with context.sessions.begin() as session:
            waiting = session.scalars(
                select(Chunk).where(Chunk.job_id == job_id, Chunk.state == "pending")
            ).all()
            for chunk in waiting:
                chunk.not_before = None
        if not waiting:
            return job


@pytest.mark.parametrize("place", [0, 7, 99])
def test_of_a_hundred_texts_only_the_bad_one_is_lost(context: Context, workspace_id: int, place: int) -> None:
    texts = ["很好"] * 100
    texts[place] = "毒"
    job = work_through(context, imported(context, workspace_id, texts))
    with context.sessions() as session:
        found = progress(session, job)
        [refusal] = jobs.iter_refusals(session, workspace_id, job.id)
        rows = select(Review.label).where(
            Review.workspace_id == workspace_id, Review.external_id != f"r{place}"
        )
        labels = session.scalars(rows).all()
    assert (job.state, job.error, found.total, found.done, found.failed) == ("succeeded", "", 100, 99, 1)
    assert (refusal.line, refusal.column, refusal.value) == (place + 2, "text", "毒")
    assert refusal.code == "not_analysed:RuntimeError: poisonous text"
    assert labels == ["positive"] * 99


def test_what_was_put_aside_is_tried_again_by_the_next_version_only(
    context: Context, workspace_id: int
) -> None:
    work_through(context, imported(context, workspace_id, ["很好", "毒"]))
    with context.sessions() as session:
        assert reviews.stale_ids(session, workspace_id, VERSION) == []
        assert len(reviews.stale_ids(session, workspace_id, "small-2")) == 2


def test_a_product_that_cannot_be_read_is_put_aside_alone(context: Context, workspace_id: int) -> None:
    lines = ["A1,书包", "A2,毒", "A3,笔"]
    job_id = csv_import(context, workspace_id, "products", "product_id,title", lines)
    job = work_through(context, job_id)
    with context.sessions() as session:
        [refusal] = jobs.iter_refusals(session, workspace_id, job_id)
        stamped = session.scalars(select(Product.scored_by).where(Product.workspace_id == workspace_id)).all()
    assert job.state == "succeeded"
    assert (refusal.line, refusal.column, refusal.value) == (3, "title", "毒")
    assert stamped == [VERSION] * 3


def test_an_analyser_that_reads_nothing_fails_the_job_soon(context: Context, workspace_id: int) -> None:
    context = replace(context, settings=replace(context.settings, score_chunk_rows=32, max_attempts=2))
    job = work_through(context, imported(context, workspace_id, ["毒"] * 100))
    with context.sessions() as session:
        found = progress(session, job)
        refused = list(jobs.iter_refusals(session, workspace_id, job.id))
    assert (job.state, job.error) == ("failed", "RuntimeError: poisonous text")
    assert (found.done, found.failed) == (0, 100)
    assert len(refused) == MOST_LOST + 1


def test_a_chunk_whose_worker_died_twice_is_cut_without_another_try(
    context: Context, workspace_id: int
) -> None:
    job_id = imported(context, workspace_id, ["很好"] * 40)
    with context.sessions() as session:
        [first] = chunks.pending_chunks(session, workspace_id, job_id)
    work(context, first)
    with context.sessions.begin() as session:
        query = select(Chunk).where(Chunk.job_id == job_id, Chunk.rows == 40 - FIRST_ROWS)
        chunk = session.scalars(query).one()
        chunk.attempts = 2
    context.artifacts.small.read.clear()
    work(context, chunk)
    assert context.artifacts.small.read == []
    with context.sessions() as session:
        pending = chunks.pending_chunks(session, workspace_id, job_id)
    assert sorted(part.rows for part in pending) == [2] * PARTS + [FIRST_ROWS]
    job = work_off(context, job_id)
    with context.sessions() as session:
        assert progress(session, job).done == 40


def test_a_time_limit_is_named_as_the_reason() -> None:
    from celery.exceptions import SoftTimeLimitExceeded

    assert "time limit" in leases.reason_of(SoftTimeLimitExceeded())
    assert leases.reason_of(ValueError("bad")) == "ValueError: bad"
