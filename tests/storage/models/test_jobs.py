from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storage.models import KINDS, Chunk, Job, Refusal, Upload, User, WorkerHeartbeat, Workspace
from storage.models.jobs import CHUNK_STATES, JOB_STATES, STAGES
from tests.storage.factories import make_import
from tests.storage.models.rows import count, put, refusal, remove

WAITING_ONCE = ("score", "train", "refresh", "digest")


@pytest.fixture
def job(session: Session, workspace_id: int) -> Job:
    return put(session, Job, workspace_id=workspace_id, kind="analyze", stage="analyze")


def chunk_of(job: Job, **fields: object) -> dict[str, object]:
    return {"workspace_id": job.workspace_id, "job_id": job.id, "stage": job.stage, **fields}


def test_a_new_job_waits_and_has_said_nothing(job: Job) -> None:
    assert job.state == "queued"
    assert (job.params, job.error) == ({}, "")
    assert (job.result, job.total, job.started_at, job.finished_at, job.upload) == (None,) * 5
    assert job.id.version == 4, "a job's number cannot be guessed from another's"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_job_can_be_kept(session: Session, workspace_id: int, kind: str) -> None:
    assert refusal(session, Job, workspace_id=workspace_id, kind=kind, stage="import") is None


@pytest.mark.parametrize("state", JOB_STATES)
def test_every_state_of_a_job_can_be_kept(session: Session, workspace_id: int, state: str) -> None:
    values = {"workspace_id": workspace_id, "kind": "train", "stage": "train"}
    assert refusal(session, Job, **values, state=state) is None


def test_unknown_kinds_and_states_of_a_job_are_refused(session: Session, workspace_id: int) -> None:
    values = {"workspace_id": workspace_id, "kind": "train", "stage": "train"}
    assert refusal(session, Job, **{**values, "kind": "import"}) == "ck_jobs_kind"
    assert refusal(session, Job, **values, state="done") == "ck_jobs_state"


@pytest.mark.parametrize("kind", WAITING_ONCE)
def test_of_these_kinds_one_waits_in_a_workspace(
    session: Session, workspace_id: int, other_id: int, kind: str
) -> None:
    values = {"kind": kind, "stage": "score"}
    waiting = put(session, Job, workspace_id=workspace_id, **values)
    assert refusal(session, Job, workspace_id=workspace_id, **values) == "uq_jobs_waiting"
    assert refusal(session, Job, workspace_id=other_id, **values) is None
    waiting.state = "running"
    session.flush()
    assert refusal(session, Job, workspace_id=workspace_id, **values) is None
    assert refusal(session, Job, workspace_id=workspace_id, **values) == "uq_jobs_waiting"


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in WAITING_ONCE])
def test_of_other_kinds_any_number_waits(session: Session, workspace_id: int, kind: str) -> None:
    for _ in range(2):
        assert refusal(session, Job, workspace_id=workspace_id, kind=kind, stage="import") is None


@pytest.mark.parametrize("state", ["succeeded", "failed", "cancelled"])
def test_an_ended_job_does_not_become_a_second_waiting_one(
    session: Session, workspace_id: int, state: str
) -> None:
    values = {"workspace_id": workspace_id, "kind": "refresh", "stage": "score"}
    for _ in range(2):
        assert refusal(session, Job, **values, state=state) is None
    assert refusal(session, Job, **values) is None


def test_a_file_stays_as_long_as_its_job(session: Session, workspace_id: int) -> None:
    job = make_import(session, workspace_id)
    upload = session.get_one(Upload, job.upload_id)
    with pytest.raises(IntegrityError, match="fk_jobs_upload_id"), session.begin_nested():
        remove(session, upload)
    remove(session, session.get_one(Job, job.id))
    assert count(session, Upload, workspace_id=workspace_id) == 1
    remove(session, upload)
    assert count(session, Upload, workspace_id=workspace_id) == 0


def test_a_job_knows_its_file(session: Session, workspace_id: int) -> None:
    job = make_import(session, workspace_id)
    session.expire_all()
    found = session.get_one(Job, job.id)
    assert found.upload is not None
    assert found.upload.original_name == "评论.csv"


def test_a_file_larger_than_two_gibibytes_keeps_its_size(session: Session, workspace_id: int) -> None:
    values = {"workspace_id": workspace_id, "path": "a", "original_name": "a", "sha256": "0" * 64}
    assert put(session, Upload, **values, size=5 * 2**30).size == 5 * 2**30


def test_what_a_user_did_stays_when_the_user_goes(session: Session, workspace_id: int) -> None:
    user = put(session, User, email="li@example.com", password_hash="hash")
    values = {"workspace_id": workspace_id, "user_id": user.id}
    upload = put(session, Upload, **values, path="a", original_name="a", sha256="0" * 64, size=1)
    job = put(session, Job, **values, kind="import_sales", stage="import", upload_id=upload.id)
    remove(session, user)
    assert (upload.user_id, job.user_id) == (None, None)
    assert job.upload_id == upload.id


def test_a_new_chunk_is_nobodys_and_has_done_nothing(session: Session, job: Job) -> None:
    chunk = put(session, Chunk, **chunk_of(job))
    assert chunk.state == "pending"
    assert (chunk.cursor, chunk.rows, chunk.done, chunk.failed, chunk.duplicates, chunk.attempts) == (0,) * 6
    assert (chunk.leased_by, chunk.error, chunk.payload) == ("", "", {})
    assert (chunk.lease_until, chunk.not_before, chunk.finished_at) == (None,) * 3


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("state", CHUNK_STATES)
def test_every_state_of_every_stage_can_be_kept(session: Session, job: Job, stage: str, state: str) -> None:
    assert refusal(session, Chunk, **chunk_of(job, stage=stage, state=state)) is None


def test_a_jobs_words_are_not_a_chunks(session: Session, job: Job) -> None:
    assert refusal(session, Chunk, **chunk_of(job, state="succeeded")) == "ck_chunks_state"
    assert refusal(session, Chunk, **chunk_of(job, stage="refresh")) == "ck_chunks_stage"


def test_a_part_belongs_to_a_job_that_exists(session: Session, job: Job) -> None:
    lost = chunk_of(job, job_id=uuid4())
    assert refusal(session, Chunk, **lost) == "fk_chunks_job_id"
    del lost["stage"]
    assert refusal(session, Refusal, **lost, line=2, code="rating") == "fk_refusals_job_id"


def test_a_job_takes_its_chunks_and_refusals_with_it(session: Session, workspace_id: int, job: Job) -> None:
    kept = put(session, Job, workspace_id=workspace_id, kind="analyze", stage="analyze")
    for owner in (job, kept):
        put(session, Chunk, **chunk_of(owner))
        refused = put(session, Refusal, workspace_id=workspace_id, job_id=owner.id, line=2, code="rating")
        assert (refused.column, refused.value) == ("", "")
    kept_id = kept.id
    remove(session, job)
    for model in (Chunk, Refusal):
        assert count(session, model, workspace_id=workspace_id) == 1
        assert count(session, model, job_id=kept_id) == 1


def test_a_workspace_goes_although_its_jobs_hold_on_to_files(
    session: Session, workspace_id: int, other_id: int
) -> None:
    for tenant in (workspace_id, other_id):
        job = make_import(session, tenant)
        put(session, Refusal, workspace_id=tenant, job_id=job.id, line=2, code="rating")
    remove(session, session.get_one(Workspace, workspace_id))
    for model in (Upload, Job, Chunk, Refusal):
        assert count(session, model, workspace_id=workspace_id) == 0
        assert count(session, model, workspace_id=other_id) == 1


def test_a_worker_is_alive_once_from_the_moment_it_says_so(session: Session) -> None:
    started = datetime(2024, 6, 18, 8, tzinfo=UTC)
    beat = put(session, WorkerHeartbeat, name="w1", pid=7, started_at=started)
    assert beat.queues == []
    assert beat.seen_at > started
    again = {"name": "w1", "pid": 8, "started_at": started}
    assert refusal(session, WorkerHeartbeat, **again) == "pk_worker_heartbeats"
