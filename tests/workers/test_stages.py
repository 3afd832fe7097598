from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from settings import Settings
from storage import chunks, jobs
from storage.accounts import get_workspace
from storage.errors import NotFound
from storage.jobs import FIRST_STAGE
from storage.models import KINDS, Chunk, Job
from storage.wakeups import TASKS, Wakeup
from tests.storage.factories import make_import, make_products, make_sales, make_workspace
from workers.stages import (
    ENOUGH_DAYS,
    FEEDS_FORECASTS,
    FIRST_ROWS,
    STAGES,
    advance,
    describe_parts,
    score_parts,
)


@pytest.fixture
def workspace_id(session: Session) -> int:
    return make_workspace(session).id


@pytest.fixture
def product_ids(session: Session, workspace_id: int) -> list[int]:
    return make_products(session, workspace_id, "A", "B", "C")


def make_job(session: Session, workspace_id: int, kind: str) -> Job:
    if kind.startswith("import_"):
        return make_import(session, workspace_id, kind)
    return jobs.create_job(session, workspace_id, kind, params={"texts": ["好"]})


def end(session: Session, job: Job, stage: str, error: str = "") -> None:
    """End all chunks of a stage, with an error as given up."""
    state = "quarantined" if error else "done"
    session.execute(
        update(Chunk).where(Chunk.job_id == job.id, Chunk.stage == stage).values(state=state, error=error)
    )
    session.expire_all()


def touch(session: Session, job: Job, product_ids: list[int]) -> None:
    """Note products in the job's first chunk, as its work would."""
    chunk = session.scalars(select(Chunk).where(Chunk.job_id == job.id).order_by(Chunk.id)).first()
    chunk.payload = {**chunk.payload, "product_ids": product_ids}
    session.flush()


def chunks_of(session: Session, job: Job, stage: str) -> list[Chunk]:
    query = select(Chunk).where(Chunk.job_id == job.id, Chunk.stage == stage)
    return list(session.scalars(query.order_by(Chunk.id)))


def refreshes(session: Session, workspace_id: int) -> list[Job]:
    return jobs.list_jobs(session, workspace_id, kind="refresh").items


def test_every_kind_has_stages_that_begin_where_its_jobs_begin_and_can_be_woken() -> None:
    assert set(STAGES) == set(KINDS)
    assert {kind: stages[0] for kind, stages in STAGES.items()} == FIRST_STAGE
    assert {stage for stages in STAGES.values() for stage in stages} == set(TASKS)
    assert set(FEEDS_FORECASTS) <= set(STAGES)


def test_a_stage_waits_for_all_of_its_chunks(
    session: Session, settings: Settings, workspace_id: int, product_ids: list[int]
) -> None:
    job = make_job(session, workspace_id, "import_sales")
    touch(session, job, product_ids)
    [slow] = chunks.add_chunks(session, workspace_id, job.id, "import", [(1, {})])
    end(session, job, "import")
    slow.state = "running"
    session.flush()
    assert advance(session, settings, job) == []
    assert chunks_of(session, job, "daily") == []
    end(session, job, "import")
    assert advance(session, settings, job) != []


def test_a_job_shows_the_earliest_stage_that_is_not_over(
    session: Session, settings: Settings, workspace_id: int
) -> None:
    job = make_job(session, workspace_id, "import_reviews")
    chunks.add_chunks(session, workspace_id, job.id, "score", [(1, {"review_ids": [1]})])
    assert advance(session, settings, job) == []
    assert job.stage == "import"
    end(session, job, "import")
    assert advance(session, settings, job) == []
    assert job.stage == "score"
    assert job.state == "queued"


def test_days_are_made_anew_for_each_touched_product_once(
    session: Session, settings: Settings, workspace_id: int, product_ids: list[int]
) -> None:
    first, second, third = sorted(product_ids)
    job = make_job(session, workspace_id, "import_reviews")
    parts: list[tuple[int, dict[str, Any]]] = [
        (2, {"review_ids": [1, 2], "product_ids": [first, third]}),
        (2, {"review_ids": [3, 4], "product_ids": [third, second]}),
    ]
    chunks.add_chunks(session, workspace_id, job.id, "score", parts)
    end(session, job, "import")
    end(session, job, "score")
    settings = replace(settings, daily_chunk_products=2)
    advance(session, settings, job)
    [search] = chunks_of(session, job, "suspects")
    assert (search.rows, search.payload, job.stage) == (3, {"suspects": [first, second, third]}, "suspects")
    end(session, job, "suspects")
    wakeups = advance(session, settings, job)
    added = chunks_of(session, job, "daily")
    assert [(chunk.rows, chunk.payload) for chunk in added] == [
        (2, {"daily": [first, second]}),
        (1, {"daily": [third]}),
    ]
    assert wakeups == [Wakeup("workers.tasks.rebuild_daily", (chunk.id,), "nlp") for chunk in added]
    assert (job.stage, {chunk.state for chunk in added}) == ("daily", {"pending"})


def test_of_two_chunks_that_end_at_once_only_one_starts_the_next_stage(
    session: Session, settings: Settings, workspace_id: int, product_ids: list[int]
) -> None:
    job = make_job(session, workspace_id, "import_sales")
    touch(session, job, product_ids)
    end(session, job, "import")
    assert len(advance(session, settings, job)) == 1
    assert advance(session, settings, job) == []
    assert Counter(chunk.stage for chunk in chunks_of(session, job, "daily")) == {"daily": 1}


def test_an_import_that_touched_nothing_ends_without_making_forecasts_stale(
    session: Session, settings: Settings, workspace_id: int, product_ids: list[int]
) -> None:
    make_sales(session, workspace_id, product_ids[0], date(2026, 1, 1), [1.0] * ENOUGH_DAYS)
    job = make_job(session, workspace_id, "import_sales")
    end(session, job, "import")
    assert advance(session, settings, job) == []
    assert (job.state, job.error) == ("succeeded", "")
    assert job.finished_at is not None
    assert get_workspace(session, workspace_id).data_version == 0
    assert refreshes(session, workspace_id) == []


@pytest.mark.parametrize(("days", "asked"), [(ENOUGH_DAYS - 1, 0), (ENOUGH_DAYS, 1)])
def test_changed_data_asks_for_a_refresh_when_there_is_enough_to_learn_from(
    session: Session, settings: Settings, workspace_id: int, product_ids: list[int], days: int, asked: int
) -> None:
    make_sales(session, workspace_id, product_ids[0], date(2026, 1, 1), [1.0] * days)
    job = make_job(session, workspace_id, "import_sales")
    touch(session, job, product_ids[:1])
    for stage in ("import", "daily"):
        end(session, job, stage)
        advance(session, settings, job)
    assert job.state == "succeeded"
    assert get_workspace(session, workspace_id).data_version == 1
    assert len(refreshes(session, workspace_id)) == asked


@pytest.mark.parametrize("kind", sorted(FEEDS_FORECASTS))
def test_what_feeds_forecasts_makes_them_stale_once(
    session: Session, settings: Settings, workspace_id: int, product_ids: list[int], kind: str
) -> None:
    job = make_job(session, workspace_id, kind)
    touch(session, job, product_ids)
    for stage in STAGES[kind]:
        end(session, job, stage)
        advance(session, settings, job)
    assert job.state == "succeeded"
    assert advance(session, settings, job) == []
    assert get_workspace(session, workspace_id).data_version == 1


def test_products_texts_leave_forecasts_as_they_are(
    session: Session, settings: Settings, workspace_id: int, product_ids: list[int]
) -> None:
    job = make_job(session, workspace_id, "import_products")
    touch(session, job, product_ids)
    end(session, job, "import")
    assert advance(session, settings, job) == []
    assert job.state == "succeeded"
    assert get_workspace(session, workspace_id).data_version == 0


@pytest.mark.parametrize("kind", ["train", "refresh"])
def test_a_trained_model_forecasts_and_a_failed_training_does_not(
    session: Session, settings: Settings, workspace_id: int, kind: str
) -> None:
    job = make_job(session, workspace_id, kind)
    parts = [(0, {"part": part, "products": 5 - part}) for part in range(2)]
    chunks.add_chunks(session, workspace_id, job.id, "train", parts)
    end(session, job, "train")
    wakeup = Wakeup("workers.tasks.train_models", (str(job.id),), "forecast")
    assert advance(session, settings, job) == [wakeup, wakeup]
    assert (job.stage, job.state) == ("forecast", "queued")
    made = chunks_of(session, job, "forecast")
    assert [(chunk.payload, chunk.rows) for chunk in made] == [({"part": 0}, 5), ({"part": 1}, 4)]
    end(session, job, "forecast")
    assert advance(session, settings, job) == []
    assert job.state == "succeeded"
    assert get_workspace(session, workspace_id).data_version == 0
    failed = make_job(session, workspace_id, kind)
    end(session, failed, "train", "no memory")
    assert advance(session, settings, failed) == []
    assert (failed.state, failed.error) == ("failed", "no memory")
    assert chunks_of(session, failed, "forecast") == []


def test_what_went_in_before_a_failure_still_becomes_days_and_the_job_says_why_it_failed(
    session: Session, settings: Settings, workspace_id: int, product_ids: list[int]
) -> None:
    job = make_job(session, workspace_id, "import_sales")
    touch(session, job, product_ids[:1])
    end(session, job, "import", "the disk is gone")
    [wakeup] = advance(session, settings, job)
    assert wakeup.task == "workers.tasks.rebuild_daily"
    end(session, job, "daily")
    assert advance(session, settings, job) == []
    assert (job.state, job.error) == ("failed", "the disk is gone")
    assert get_workspace(session, workspace_id).data_version == 1


def test_a_cancelled_job_goes_nowhere(
    session: Session, settings: Settings, workspace_id: int, product_ids: list[int]
) -> None:
    job = make_job(session, workspace_id, "import_sales")
    touch(session, job, product_ids)
    jobs.cancel_job(session, workspace_id, job.id)
    end(session, job, "import")
    assert advance(session, settings, job) == []
    assert job.state == "cancelled"
    assert chunks_of(session, job, "daily") == []


def test_a_job_that_is_gone_is_said(session: Session, settings: Settings, workspace_id: int) -> None:
    with pytest.raises(NotFound):
        advance(session, settings, Job(id=uuid4(), workspace_id=workspace_id, kind="score"))


def test_parts_hold_every_id_once_and_are_no_longer_than_asked() -> None:
    ids = [(1, 10), (2, 20), (3, 10), (4, 10), (5, 30)]
    assert score_parts(ids, 3) == [
        (3, {"review_ids": [1, 2, 3], "product_ids": [10, 20]}),
        (2, {"review_ids": [4, 5], "product_ids": [10, 30]}),
    ]
    assert describe_parts([7, 8], 2) == [(2, {"describe": [7, 8]})]
    assert describe_parts([7, 8], 1) == [(1, {"describe": [7]}), (1, {"describe": [8]})]
    many = [(number, 10) for number in range(150)]
    assert [rows for rows, _ in score_parts(many, 64)] == [FIRST_ROWS, 64, 64, 150 - 128 - FIRST_ROWS]
    assert score_parts([], 3) == describe_parts([], 3) == []
