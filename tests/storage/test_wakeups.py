import json
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from storage import chunks, wakeups
from storage.forecasts import get_or_create_run
from storage.jobs import create_job
from storage.models import Chunk
from storage.models.jobs import STAGES
from storage.wakeups import Wakeup
from tests.storage.factories import make_import, make_products, make_sales


def test_each_stage_wakes_its_task(session: Session, workspace_id: int) -> None:
    job = make_import(session, workspace_id)
    [chunk] = chunks.pending_chunks(session, workspace_id, job.id)
    assert wakeups.wakeups_of([chunk]) == [Wakeup("workers.tasks.import_chunk", (chunk.id,), "nlp")]
    train = create_job(session, workspace_id, "refresh")
    [chunk] = chunks.pending_chunks(session, workspace_id, train.id)
    assert wakeups.wakeup_of(chunk) == Wakeup("workers.tasks.train_models", (str(train.id),), "forecast")


def test_a_run_wakes_the_forecast_queue(session: Session, workspace_id: int) -> None:
    [product_id] = make_products(session, workspace_id, "A1")
    make_sales(session, workspace_id, product_id, date(2026, 1, 1), [1])
    run, _ = get_or_create_run(session, workspace_id, product_id)
    assert wakeups.wakeup_of_run(run) == Wakeup("workers.tasks.run_forecast", (str(run.id),), "forecast")


def test_every_stage_of_the_database_belongs_to_one_queue() -> None:
    listed = [stage for queue in wakeups.QUEUES for stage in wakeups.stages_of(queue)]
    assert sorted(listed) == sorted(STAGES)
    assert wakeups.stages_of("mail") == []


@pytest.mark.parametrize("stage", STAGES)
def test_a_message_is_plain_json(stage: str) -> None:
    job_id = uuid4()
    wakeup = wakeups.wakeup_of(Chunk(id=7, job_id=job_id, stage=stage))
    assert json.loads(json.dumps(wakeup.args)) in ([7], [str(job_id)])


def test_messages_keep_the_order_of_their_chunks() -> None:
    job_id = uuid4()
    rows = [Chunk(id=id, job_id=job_id, stage="score") for id in (3, 1, 2, 1)]
    assert [wakeup.args for wakeup in wakeups.wakeups_of(iter(rows))] == [(3,), (1,), (2,), (1,)]
    assert wakeups.wakeups_of([]) == []


def test_a_job_that_goes_as_a_whole_is_woken_by_its_own_id() -> None:
    job_id = uuid4()
    first, second = (Chunk(id=id, job_id=job_id, stage="analyze") for id in (1, 2))
    assert wakeups.wakeup_of(first) == wakeups.wakeup_of(second)


def test_a_stage_without_a_task_is_named() -> None:
    with pytest.raises(KeyError, match="polish"):
        wakeups.wakeup_of(Chunk(id=1, job_id=uuid4(), stage="polish"))
