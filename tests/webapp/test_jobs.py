from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.chunks import add_chunks
from storage.errors import Conflict, NotFound
from storage.models import Chunk, Job, User, Workspace
from tests.webapp import factories
from tests.webapp.outbox import Outbox
from webapp import jobs
from webapp.enqueue import ANALYZE_TEXTS, IMPORT_CHUNK, REBUILD_DAILY, SCORE_REVIEWS, TRAIN_MODELS, attach


@pytest.fixture
def prepared(session: Session, outbox: Outbox) -> Session:
    return attach(session, outbox)


def chunks_of(session: Session, job: Job) -> list[Chunk]:
    return list(session.scalars(select(Chunk).where(Chunk.job_id == job.id).order_by(Chunk.id)))


@pytest.mark.parametrize(("kind", "task"), [("train", TRAIN_MODELS), ("refresh", TRAIN_MODELS)])
def test_a_worker_is_woken_by_job_and_only_after_the_commit(
    prepared: Session, workspace: Workspace, outbox: Outbox, kind: str, task: str
) -> None:
    job = jobs.start(prepared, workspace.id, kind)
    assert outbox.sent == []
    prepared.commit()
    assert outbox.sent == [(task, (str(job.id),), "forecast")]


def test_scoring_is_woken_by_chunk(prepared: Session, workspace: Workspace, outbox: Outbox) -> None:
    job = jobs.start(prepared, workspace.id, "score")
    prepared.commit()
    [chunk] = chunks_of(prepared, job)
    assert outbox.sent == [(SCORE_REVIEWS, (chunk.id,), "nlp")]


def test_details_reach_the_row(prepared: Session, workspace: Workspace, user: User) -> None:
    params = {"texts": ["好", "坏"], "only": ["sentiment"]}
    job = jobs.start(prepared, workspace.id, "analyze", user_id=user.id, params=params)
    prepared.commit()
    prepared.refresh(job)
    assert (job.workspace_id, job.user_id, job.total, job.state) == (workspace.id, user.id, 2, "queued")
    assert job.params == params


def test_a_job_that_was_rolled_back_wakes_nobody(
    prepared: Session, workspace: Workspace, outbox: Outbox
) -> None:
    jobs.start(prepared, workspace.id, "train")
    prepared.rollback()
    prepared.execute(select(1))
    prepared.commit()
    assert outbox.sent == []
    assert prepared.scalar(select(func.count()).select_from(Job)) == 0


def test_a_quiet_time_is_not_disturbed(prepared: Session, workspace: Workspace, outbox: Outbox) -> None:
    job = jobs.start(prepared, workspace.id, "score", delay_seconds=60)
    prepared.commit()
    assert [chunk.state for chunk in chunks_of(prepared, job)] == ["pending"]
    assert outbox.sent == []


def test_one_waits_in_each_workspace(
    prepared: Session, workspace: Workspace, stranger_workspace: Workspace
) -> None:
    first = jobs.start(prepared, workspace.id, "train")
    assert jobs.start(prepared, workspace.id, "train").id == first.id
    assert jobs.start(prepared, workspace.id, "refresh").id != first.id
    foreign = jobs.start(prepared, stranger_workspace.id, "train")
    assert foreign.id != first.id
    assert foreign.workspace_id == stranger_workspace.id


def test_an_unknown_kind_writes_nothing(prepared: Session, workspace: Workspace, outbox: Outbox) -> None:
    with pytest.raises(ValueError, match="unknown kind of job 'magic'"):
        jobs.start(prepared, workspace.id, "magic")
    with pytest.raises(ValueError, match="import_reviews needs an upload"):
        jobs.start(prepared, workspace.id, "import_reviews")
    prepared.commit()
    assert prepared.scalar(select(func.count()).select_from(Job)) == 0
    assert outbox.sent == []


def test_waking_leaves_out_what_runs_or_is_done(
    prepared: Session, workspace: Workspace, outbox: Outbox
) -> None:
    job = factories.job(prepared, workspace)
    [first] = chunks_of(prepared, job)
    first.state = "done"
    imported, running, daily = (
        add_chunks(prepared, workspace.id, job.id, stage, [(10, {})])[0]
        for stage in ("import", "import", "daily")
    )
    running.state = "running"
    prepared.flush()
    jobs.wake(prepared, job)
    prepared.commit()
    assert outbox.sent == [(IMPORT_CHUNK, (imported.id,), "nlp"), (REBUILD_DAILY, (daily.id,), "nlp")]


def test_cancelling_stops_what_is_left_and_keeps_what_is_done(
    prepared: Session, workspace: Workspace, outbox: Outbox
) -> None:
    job = factories.job(prepared, workspace, state="running")
    add_chunks(prepared, workspace.id, job.id, "analyze", [(1, {}), (1, {})])
    done, running, _pending = chunks_of(prepared, job)
    done.state, running.state, running.leased_by = "done", "running", "worker"
    prepared.commit()
    assert jobs.cancel(prepared, workspace.id, job.id).state == "cancelled"
    prepared.commit()
    prepared.expire_all()
    assert [chunk.state for chunk in chunks_of(prepared, job)] == ["done", "cancelled", "cancelled"]
    assert {chunk.leased_by for chunk in chunks_of(prepared, job)} == {""}
    assert job.finished_at is not None
    assert outbox.sent == []


def test_a_retry_wakes_what_was_given_up_but_not_what_was_done(
    prepared: Session, workspace: Workspace, outbox: Outbox
) -> None:
    job = factories.job(prepared, workspace, state="failed", error="broken")
    add_chunks(prepared, workspace.id, job.id, "import", [(5, {})])
    done, lost = chunks_of(prepared, job)
    done.state, lost.state, lost.attempts, lost.error = "done", "quarantined", 3, "broken"
    prepared.commit()
    again = jobs.retry(prepared, workspace.id, job.id)
    assert (again.state, again.error, again.finished_at) == ("queued", "", None)
    assert outbox.sent == []
    prepared.commit()
    assert outbox.sent == [(IMPORT_CHUNK, (lost.id,), "nlp")]
    prepared.refresh(lost)
    assert (lost.state, lost.attempts, lost.error) == ("pending", 0, "")


def test_a_retry_is_refused_while_another_waits(
    prepared: Session, workspace: Workspace, outbox: Outbox
) -> None:
    old = factories.job(prepared, workspace, "train", state="failed")
    factories.job(prepared, workspace, "train")
    with pytest.raises(Conflict, match="another job of kind train waits already"):
        jobs.retry(prepared, workspace.id, old.id)
    prepared.commit()
    assert outbox.sent == []
    assert old.state == "failed"


def test_texts_without_a_broker_wait_for_the_sweep(
    prepared: Session, workspace: Workspace, outbox: Outbox
) -> None:
    outbox.alive = False
    job = jobs.start(prepared, workspace.id, "analyze", params={"texts": ["好"]})
    prepared.commit()
    assert [chunk.state for chunk in chunks_of(prepared, job)] == ["pending"]
    outbox.alive = True
    jobs.wake(prepared, job)
    prepared.commit()
    assert outbox.sent == [(ANALYZE_TEXTS, (str(job.id),), "nlp")]


def test_only_the_own_workspace_is_changed(
    prepared: Session, workspace: Workspace, stranger_workspace: Workspace
) -> None:
    foreign = factories.job(prepared, stranger_workspace)
    ended = factories.job(prepared, stranger_workspace, state="failed")
    with pytest.raises(NotFound):
        jobs.cancel(prepared, workspace.id, foreign.id)
    with pytest.raises(NotFound):
        jobs.retry(prepared, workspace.id, ended.id)
    with pytest.raises(NotFound):
        jobs.cancel(prepared, workspace.id, uuid4())
    prepared.expire_all()
    assert (foreign.state, ended.state) == ("queued", "failed")
