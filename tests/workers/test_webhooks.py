import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from storage import chunks, jobs, webhooks
from storage.models import Delivery, Job
from workers.context import Context
from workers.outbound import Target
from workers.stages import advance
from workers.webhooks import deliver

PUBLIC = "93.184.216.34"


class Receiver:
    """Takes what is posted and answers as told."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.taken: list[tuple[str, Any]] = []

    def __call__(self, target: Target, body: bytes, _secret: str) -> int:
        self.taken.append((target.address, json.loads(body)))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return int(answer)


def lookup(_host: str, _port: int) -> list[str]:
    return [PUBLIC]


@pytest.fixture
def allowed(context: Context) -> Context:
    return replace(context, settings=replace(context.settings, webhook_hosts=("hooks.example.com",)))


@pytest.fixture
def waiting(sessions: sessionmaker[Session], workspace_id: int) -> None:
    with sessions.begin() as session:
        webhooks.add_webhook(session, workspace_id, "https://hooks.example.com/in", "secret")
        webhooks.announce(session, workspace_id, {"event": "test"})


def only(sessions: sessionmaker[Session]) -> Delivery:
    with sessions() as session:
        return session.scalars(select(Delivery)).one()


def test_an_ended_job_is_told_once(
    allowed: Context, sessions: sessionmaker[Session], workspace_id: int
) -> None:
    with sessions.begin() as session:
        webhooks.add_webhook(session, workspace_id, "https://hooks.example.com/in", "secret")
        job = jobs.create_job(session, workspace_id, "analyze", params={"texts": ["好"]})
        [chunk] = chunks.pending_chunks(session, workspace_id, job.id)
        chunk.state = "done"
        session.flush()
        advance(session, allowed.settings, job)
    receiver = Receiver(200)
    assert deliver(allowed, receiver, lookup) == 1
    told = {"id": str(job.id), "kind": "analyze", "state": "succeeded", "error": ""}
    assert receiver.taken == [(PUBLIC, {"event": "job.finished", "job": told})]
    assert deliver(allowed, receiver, lookup) == 0


@pytest.mark.parametrize("answer", [302, 500, ConnectionRefusedError("refused")])
def test_what_is_not_taken_is_tried_later_and_redirects_are_not_followed(
    allowed: Context, sessions: sessionmaker[Session], waiting: None, answer: Any
) -> None:
    receiver = Receiver(answer, 200)
    assert deliver(allowed, receiver, lookup) == 1
    assert len(receiver.taken) == 1
    kept = only(sessions)
    assert (kept.attempts, kept.ended_at) == (1, None)
    assert kept.error in ("answered 302", "answered 500", "refused")
    assert deliver(allowed, receiver, lookup) == 0, "not before its time"
    with sessions.begin() as session:
        session.execute(update(Delivery).values(not_before=Delivery.created_at))
    assert deliver(allowed, receiver, lookup) == 1
    assert only(sessions).ended_at is not None


def test_a_host_that_is_not_allowed_is_given_up_and_never_sent_to(
    context: Context, sessions: sessionmaker[Session], waiting: None
) -> None:
    receiver = Receiver()
    for _ in range(webhooks.MOST_ATTEMPTS):
        with sessions.begin() as session:
            session.execute(update(Delivery).values(not_before=Delivery.created_at))
        deliver(context, receiver, lookup)
    kept = only(sessions)
    assert (kept.attempts, kept.ended_at is not None) == (webhooks.MOST_ATTEMPTS, True)
    assert "not one of the allowed hosts" in kept.error
    assert receiver.taken == []


def test_a_workspace_without_webhooks_writes_nothing(
    sessions: sessionmaker[Session], workspace_id: int
) -> None:
    with sessions.begin() as session:
        job = jobs.create_job(session, workspace_id, "train")
        assert webhooks.announce_job(session, session.get_one(Job, job.id)) == 0
