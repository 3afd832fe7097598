from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import chunks, jobs, products, reviews
from storage.models import Chunk, Job, Review
from storage.progress import progress
from tests.storage.factories import make_products, make_reviews, review_row
from tests.workers.factories import VERSION, work_off
from workers import leases, scoring
from workers.context import Context

DAY = date(2026, 11, 11)


def make(context: Context, workspace_id: int, *texts: str) -> list[int]:
    with context.sessions.begin() as session:
        [product_id] = make_products(session, workspace_id, "A1")
        return make_reviews(session, workspace_id, [review_row(product_id, DAY, text=text) for text in texts])


def create(context: Context, workspace_id: int, kind: str, **params: object) -> UUID:
    with context.sessions.begin() as session:
        return jobs.create_job(session, workspace_id, kind, params=params).id


def labels(session: Session, workspace_id: int) -> list[str | None]:
    query = select(Review.label).where(Review.workspace_id == workspace_id).order_by(Review.id)
    return list(session.scalars(query))


def test_a_score_job_reads_everything_that_is_stale_and_nothing_else(
    context: Context, workspace_id: int
) -> None:
    make(context, workspace_id, "质量差", "很好")
    job = work_off(context, create(context, workspace_id, "score"))
    with context.sessions() as session:
        assert (job.state, progress(session, job).done) == ("succeeded", 3)
        assert labels(session, workspace_id) == ["negative", "positive"]
    reader = context.artifacts.small
    assert sorted(reader.read) == sorted(["质量差", "很好", "title of A1"])
    reader.read.clear()
    job = work_off(context, create(context, workspace_id, "score"))
    assert (job.state, reader.read) == ("succeeded", [])


def test_a_newer_analyser_reads_everything_again(context: Context, workspace_id: int) -> None:
    ids = make(context, workspace_id, "很好")
    work_off(context, create(context, workspace_id, "score"))
    context.artifacts.small.version = "small-2"
    work_off(context, create(context, workspace_id, "score"))
    with context.sessions() as session:
        assert reviews.get_review(session, workspace_id, ids[0]).scored_by == "small-2"
        assert reviews.stale_ids(session, workspace_id, VERSION) != []


def test_products_are_described_and_guessed_by_the_shops_own(context: Context, workspace_id: int) -> None:
    with context.sessions.begin() as session:
        make_products(session, workspace_id, "书包1", "背包2", category="箱包")
        make_products(session, workspace_id, "笔1", "笔2", category="文具")
        [unsorted] = make_products(session, workspace_id, "挎包")
    work_off(context, create(context, workspace_id, "score"))
    with context.sessions() as session:
        ids, matrix = products.embeddings(session, workspace_id)
        assert (len(ids), matrix.shape) == (5, (5, 2))
        found = products.get_product(session, workspace_id, unsorted)
        assert (found.analysis["category"]["name"], found.category) == ("箱包", "")
        assert found.embedding == [1.0, 0.0]


def test_scored_meanwhile_by_another_job_counts_as_done(context: Context, workspace_id: int) -> None:
    ids = make(context, workspace_id, "很好", "质量差")
    work_off(context, create(context, workspace_id, "score"))
    context.artifacts.small.read.clear()
    job_id = create(context, workspace_id, "score")
    with context.sessions.begin() as session:
        payload = {"review_ids": ids, "product_ids": []}
        [chunk] = chunks.add_chunks(session, workspace_id, job_id, "score", [(2, payload)])
    leases.work_on(context, chunk.id, scoring.score_chunk)
    with context.sessions() as session:
        assert session.get_one(Chunk, chunk.id).done == 2
    assert context.artifacts.small.read == []


def test_texts_are_analysed_in_order_and_kept_with_the_job(context: Context, workspace_id: int) -> None:
    job = work_off(context, create(context, workspace_id, "analyze", texts=["差", "好", "差"]))
    assert job.state == "succeeded"
    with context.sessions() as session:
        result = session.get_one(Job, job.id).result
        assert progress(session, job).done == 3
    assert [row["sentiment"]["label"] for row in result["results"]] == ["negative", "positive", "negative"]
    assert result["analyzer"] == VERSION


def test_no_texts_give_no_results(context: Context, workspace_id: int) -> None:
    job = work_off(context, create(context, workspace_id, "analyze", texts=[]))
    assert (job.state, job.result["results"]) == ("succeeded", [])
