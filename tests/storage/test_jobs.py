from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from storage import chunks, jobs
from storage.accounts import get_workspace
from storage.chunks import Lease
from storage.errors import Conflict, NotFound
from storage.models import Chunk, Job
from tests.storage.factories import make_import


def first_chunk(session: Session, job: Job) -> Chunk:
    return chunks.pending_chunks(session, job.workspace_id, job.id)[0]


def test_an_import_is_written_down_with_its_first_chunk(session: Session, workspace_id: int) -> None:
    job = make_import(session, workspace_id, total=12, params={"mapping": {"评": "text"}})
    assert (job.kind, job.state, job.stage, job.total) == ("import_reviews", "queued", "import", 12)
    assert job.params["mapping"] == {"评": "text"}
    assert job.upload.original_name == "评论.csv"
    chunk = first_chunk(session, job)
    assert (chunk.stage, chunk.rows, chunk.payload) == ("import", 12, {})


@pytest.mark.parametrize(("kind", "stage"), [("score", "score"), ("train", "train"), ("refresh", "train")])
def test_each_kind_begins_with_its_stage(session: Session, workspace_id: int, kind: str, stage: str) -> None:
    job = jobs.create_job(session, workspace_id, kind)
    assert first_chunk(session, job).stage == stage


def test_analyze_keeps_texts_that_the_database_can_hold(session: Session, workspace_id: int) -> None:
    params = {"texts": ["好\x00的", "\ud800差"], "only": ["sentiment"]}
    job = jobs.create_job(session, workspace_id, "analyze", params=params)
    session.refresh(job)
    assert job.params["texts"] == ["好的", "差"]
    assert job.total == 2


def test_wrong_jobs_are_refused(session: Session, workspace_id: int) -> None:
    with pytest.raises(ValueError, match="import_nothing"):
        jobs.create_job(session, workspace_id, "import_nothing")
    with pytest.raises(ValueError, match="upload"):
        jobs.create_job(session, workspace_id, "import_sales")


def test_a_waiting_refresh_is_not_asked_for_twice(session: Session, workspace_id: int, other_id: int) -> None:
    first = jobs.create_job(session, workspace_id, "refresh", delay_seconds=60)
    assert jobs.create_job(session, workspace_id, "refresh") is first
    assert jobs.create_job(session, other_id, "refresh") is not first
    assert jobs.create_job(session, workspace_id, "train") is not first
    assert chunks.pending_chunks(session, workspace_id, first.id) == []


def test_a_running_refresh_does_not_keep_the_next_from_waiting(session: Session, workspace_id: int) -> None:
    first = jobs.create_job(session, workspace_id, "refresh")
    chunks.claim(session, first_chunk(session, first).id, "me", 60)
    session.refresh(first)
    assert jobs.create_job(session, workspace_id, "refresh") is not first


def test_a_foreign_job_does_not_exist(session: Session, workspace_id: int, other_id: int) -> None:
    job = make_import(session, workspace_id)
    for read in (jobs.get_job, jobs.cancel_job, jobs.retry_job, jobs.lock_job):
        with pytest.raises(NotFound, match=str(job.id)):
            read(session, other_id, job.id)
    with pytest.raises(NotFound):
        jobs.get_job(session, workspace_id, uuid4())
    assert jobs.list_jobs(session, other_id).items == []
    assert jobs.iter_refusals(session, other_id, job.id)


def test_jobs_are_listed_newest_first_by_kind_and_state(session: Session, workspace_id: int) -> None:
    made = [make_import(session, workspace_id) for _ in range(3)]
    made.append(jobs.create_job(session, workspace_id, "analyze", params={"texts": []}))
    jobs.cancel_job(session, workspace_id, made[0].id)
    seen, cursor = [], None
    while True:
        page = jobs.list_jobs(session, workspace_id, cursor=cursor, limit=3)
        seen += [job.id for job in page.items]
        if (cursor := page.next) is None:
            break
    assert sorted(seen) == sorted(job.id for job in made)
    assert len(seen) == 4
    cancelled = jobs.list_jobs(session, workspace_id, state="cancelled").items
    assert [job.id for job in cancelled] == [made[0].id]
    assert [job.id for job in jobs.list_jobs(session, workspace_id, kind="analyze").items] == [made[3].id]
    assert jobs.count_active(session, workspace_id) == 3


def test_cancelling_ends_job_and_chunks_once(session: Session, workspace_id: int) -> None:
    job = make_import(session, workspace_id)
    jobs.cancel_job(session, workspace_id, job.id)
    assert job.state == "cancelled"
    assert job.finished_at is not None
    assert chunks.stages_with(session, job.id, ["import"], ["cancelled"]) == ["import"]
    with pytest.raises(Conflict, match="cancelled"):
        jobs.cancel_job(session, workspace_id, job.id)


def test_a_retry_takes_up_what_is_left_and_keeps_what_is_done(session: Session, workspace_id: int) -> None:
    job = make_import(session, workspace_id)
    lease = Lease(first_chunk(session, job).id, "me", 60)
    chunks.claim(session, lease.chunk_id, "me", 60)
    chunks.record(session, lease, done=5, cursor=5)
    [other] = chunks.add_chunks(session, workspace_id, job.id, "score", [(3, {"review_ids": [1]})])
    with pytest.raises(Conflict, match="running"):
        jobs.retry_job(session, workspace_id, job.id)
    chunks.quarantine(session, lease, "broken")
    jobs.end_job(session, job, "broken")
    assert (job.state, job.error) == ("failed", "broken")
    jobs.retry_job(session, workspace_id, job.id)
    assert (job.state, job.error, job.finished_at) == ("queued", "", None)
    again = session.get_one(Chunk, lease.chunk_id)
    session.refresh(again)
    assert (again.state, again.cursor, again.done, again.attempts) == ("pending", 5, 5, 0)
    assert {chunk.id for chunk in chunks.pending_chunks(session, workspace_id, job.id)} == {
        again.id,
        other.id,
    }


def test_one_that_starts_just_as_the_next_is_asked_for_is_not_in_its_way(
    session: Session, workspace_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = jobs.create_job(session, workspace_id, "score")
    session.flush()
    look = jobs._waiting

    def late(*asked: Any) -> Job | None:
        before.state = "running"
        session.flush()
        return look(*asked)

    monkeypatch.setattr(jobs, "_waiting", late)
    after = jobs.create_job(session, workspace_id, "score")
    assert (after.id != before.id, after.state) == (True, "queued")
    assert len(chunks.pending_chunks(session, workspace_id, after.id)) == 1


def test_a_retry_gives_way_to_a_waiting_job_of_its_kind(session: Session, workspace_id: int) -> None:
    first = jobs.create_job(session, workspace_id, "train")
    jobs.cancel_job(session, workspace_id, first.id)
    jobs.create_job(session, workspace_id, "train")
    with pytest.raises(Conflict, match="train"):
        jobs.retry_job(session, workspace_id, first.id)


def test_changed_data_makes_the_workspace_newer(session: Session, workspace_id: int) -> None:
    job = make_import(session, workspace_id)
    jobs.end_job(session, job)
    assert get_workspace(session, workspace_id).data_version == 0
    jobs.end_job(session, job, changed=True)
    session.expire_all()
    assert get_workspace(session, workspace_id).data_version == 1
    assert job.state == "succeeded"
    with pytest.raises(NotFound):
        jobs.touch_data(session, 987654)


def test_refusals_are_read_by_line_page_by_page(session: Session, workspace_id: int, other_id: int) -> None:
    job = make_import(session, workspace_id)
    rows = [{"line": line, "column": "评分", "value": "\x00九", "code": "stars"} for line in (9, 2, 5, 5)]
    jobs.add_refusals(session, workspace_id, job.id, rows)
    jobs.add_refusals(session, workspace_id, job.id, [])
    page = jobs.list_refusals(session, workspace_id, job.id, limit=3)
    assert [refusal.line for refusal in page.items] == [2, 5, 5]
    rest = jobs.list_refusals(session, workspace_id, job.id, cursor=page.next, limit=3)
    assert [(row.line, row.value) for row in rest.items] == [(9, "九")]
    assert len(list(jobs.iter_refusals(session, workspace_id, job.id))) == 4
    assert list(jobs.iter_refusals(session, other_id, job.id)) == []


def test_active_imports_change_data_and_training_does_not(session: Session, workspace_id: int) -> None:
    jobs.create_job(session, workspace_id, "refresh")
    assert jobs.changing_data(session, workspace_id) is False
    job = make_import(session, workspace_id)
    assert jobs.changing_data(session, workspace_id) is True
    jobs.cancel_job(session, workspace_id, job.id)
    assert jobs.changing_data(session, workspace_id) is False


def test_jobs_are_counted_by_kind_and_state(session: Session, workspace_id: int) -> None:
    before = jobs.job_counts(session).get(("analyze", "queued"), 0)
    jobs.create_job(session, workspace_id, "analyze", params={"texts": []})
    assert jobs.job_counts(session)[("analyze", "queued")] == before + 1
