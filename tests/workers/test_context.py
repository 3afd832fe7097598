import logging
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace

import pytest
from kombu.exceptions import OperationalError
from sqlalchemy import select, text

from settings import Settings
from storage.models import Workspace
from storage.wakeups import Wakeup
from tests.workers.factories import Sent
from workers.context import Composition, Context

FIRST = Wakeup("workers.tasks.import_chunk", (7,), "nlp")
SECOND = Wakeup("workers.tasks.train_models", ("a-job",), "forecast")
THIRD = Wakeup("workers.tasks.rebuild_daily", (8,), "nlp")


class Flaky(Sent):
    """A broker that takes so many messages and then raises."""

    def __init__(self, takes: int, error: Exception) -> None:
        super().__init__()
        self.takes = takes
        self.error = error
        self.tried = 0

    def __call__(self, task: str, args: tuple[int | str, ...], queue: str) -> None:
        self.tried += 1
        if len(self) == self.takes:
            raise self.error
        super().__call__(task, args, queue)


def test_wakeups_are_sent_in_order_with_their_arguments_and_queue(context: Context, sent: Sent) -> None:
    context.wake(wakeup for wakeup in (FIRST, SECOND, THIRD))
    assert sent == [
        ("workers.tasks.import_chunk", (7,), "nlp"),
        ("workers.tasks.train_models", ("a-job",), "forecast"),
        ("workers.tasks.rebuild_daily", (8,), "nlp"),
    ]
    context.wake([])
    assert len(sent) == 3


@pytest.mark.parametrize(
    "error", [OperationalError("refused"), ConnectionResetError("reset"), TimeoutError("late")]
)
def test_a_broker_that_goes_away_is_asked_once_and_not_for_every_message(
    context: Context, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    broker = Flaky(1, error)
    with caplog.at_level(logging.WARNING, logger="workers.context"):
        replace(context, send=broker).wake([FIRST, SECOND, THIRD])
    assert broker == [(FIRST.task, FIRST.args, FIRST.queue)]
    assert broker.tried == 2
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage() == (
        f"broker is away, the sweep will send workers.tasks.train_models('a-job',): {error}"
    )


def test_a_message_that_cannot_be_written_is_a_mistake_and_not_hidden(context: Context) -> None:
    broker = Flaky(0, TypeError("not JSON"))
    with pytest.raises(TypeError, match="not JSON"):
        replace(context, send=broker).wake([FIRST])


def test_a_context_is_not_changed_by_who_works_with_it(context: Context) -> None:
    with pytest.raises(FrozenInstanceError):
        context.send = Sent()


@pytest.fixture
def compose(settings: Settings, context: Context) -> Callable[..., Composition]:
    def compose(**changes: object) -> Composition:
        return Composition(replace(settings, **changes), context.artifacts, context.send)

    return compose


def test_composing_connects_to_nothing(compose: Callable[..., Composition]) -> None:
    composition = compose(database_url="postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    bind = composition.context().sessions.kw["bind"]
    assert bind.pool.checkedout() == bind.pool.checkedin() == 0


def test_the_composed_context_has_what_it_was_given_and_works(
    compose: Callable[..., Composition], context: Context, workspace_id: int, sent: Sent
) -> None:
    made = compose(threads=3).context()
    try:
        assert made.settings.threads == 3
        assert made.artifacts is context.artifacts
        made.wake([SECOND])
        assert sent == [(SECOND.task, SECOND.args, SECOND.queue)]
        with made.sessions() as session:
            assert session.scalar(select(Workspace.id).where(Workspace.id == workspace_id)) == workspace_id
            # The work, the sign of life of its lease, and a lock that is held meanwhile.
            assert session.get_bind().pool.size() == 3
    finally:
        made.sessions.kw["bind"].dispose()


def test_what_a_session_commits_can_still_be_read_after_it(
    compose: Callable[..., Composition], workspace_id: int
) -> None:
    made = compose().context()
    try:
        with made.sessions.begin() as session:
            workspace = session.get_one(Workspace, workspace_id)
        assert workspace.data_version == 0
    finally:
        made.sessions.kw["bind"].dispose()


def test_a_process_that_forked_opens_connections_of_its_own_and_keeps_them(
    compose: Callable[..., Composition], monkeypatch: pytest.MonkeyPatch
) -> None:
    composition = compose()
    parent = composition.context()
    pid = "SELECT pg_backend_pid()"
    with parent.sessions() as mine:
        first = mine.scalar(text(pid))
        monkeypatch.setattr("workers.context.os.getpid", lambda: -1)
        child = composition.context()
        assert composition.context() is child
        with child.sessions() as own:
            assert own.scalar(text(pid)) != first
        assert mine.scalar(text(pid)) == first
    for context in (parent, child):
        context.sessions.kw["bind"].dispose()
