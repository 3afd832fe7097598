"""Tasks are sent by name, and only after the rows they speak about are committed."""

import logging
from collections.abc import Iterable
from typing import Any, Protocol

from celery import Celery
from kombu.exceptions import KombuError
from sqlalchemy import event
from sqlalchemy.orm import Session

from storage.wakeups import Wakeup

log = logging.getLogger(__name__)

IMPORT_CHUNK = "workers.tasks.import_chunk"
SCORE_REVIEWS = "workers.tasks.score_reviews"
FIND_SUSPECTS = "workers.tasks.find_suspects"
REBUILD_DAILY = "workers.tasks.rebuild_daily"
DIGEST_PRODUCTS = "workers.tasks.digest_products"
UNDO_IMPORT = "workers.tasks.undo_import"
EXPORT_FILE = "workers.tasks.export_file"
ANALYZE_TEXTS = "workers.tasks.analyze_texts"
TRAIN_MODELS = "workers.tasks.train_models"
RUN_FORECAST = "workers.tasks.run_forecast"

QUEUES = {
    IMPORT_CHUNK: "nlp",
    SCORE_REVIEWS: "nlp",
    FIND_SUSPECTS: "nlp",
    REBUILD_DAILY: "nlp",
    DIGEST_PRODUCTS: "nlp",
    UNDO_IMPORT: "nlp",
    EXPORT_FILE: "nlp",
    ANALYZE_TEXTS: "nlp",
    TRAIN_MODELS: "forecast",
    RUN_FORECAST: "forecast",
}

_WAITING = "tasks_after_commit"
_LISTENING = "tasks_are_sent_after_commit"
_SENDER = "task_sender"


class Sender(Protocol):
    """Hands tasks to a broker."""

    def send(self, task: str, args: tuple[Any, ...], queue: str) -> None:
        """Send one task; raise an `OSError` or a `KombuError` when the broker cannot be reached."""

    def is_alive(self) -> bool:
        """Tell whether the broker answers now."""


class CelerySender:
    """Sends through Celery, without importing any worker code.

    Parameters
    ----------
    broker_url : str
        Redis or RabbitMQ, as `BROKER_URL` names it.
    """

    def __init__(self, broker_url: str) -> None:
        self._celery = Celery("fengping", broker=broker_url, set_as_current=False)
        self._celery.conf.update(
            broker_connection_timeout=2,
            broker_transport_options={"socket_connect_timeout": 2, "socket_timeout": 5, "max_retries": 0},
            task_ignore_result=True,
        )

    def send(self, task: str, args: tuple[Any, ...], queue: str) -> None:
        """Send one task, without waiting for a broker that is away."""
        self._celery.send_task(task, args=args, queue=queue, retry=False, ignore_result=True)

    def is_alive(self) -> bool:
        """Tell whether the broker answers within two seconds."""
        try:
            with self._celery.connection_for_write(connect_timeout=2) as connection:
                connection.ensure_connection(max_retries=0, timeout=2)
                connection.default_channel.close()
        except (OSError, KombuError):
            return False
        return True


def attach(session: Session, sender: Sender) -> Session:
    """Make `session` send what `enqueue` puts into it through `sender`."""
    session.info[_SENDER] = sender
    return session


def enqueue(session: Session, task: str, *args: Any, queue: str | None = None) -> None:
    """Send `task` once the session's transaction has committed, and never if it is rolled back.

    A broker that is away loses nothing: the row stays, and the workers' sweep picks it up.

    Parameters
    ----------
    session : Session
        A session prepared by `attach`.
    task : str
        One of the names above.
    *args
        The task's arguments, as JSON can say them; UUIDs become text.
    queue : str, optional
        Another queue than the task's own.

    Raises
    ------
    ValueError
        When no such task is known.
    """
    if task not in QUEUES:
        raise ValueError(f"unknown task {task!r}; known are {', '.join(sorted(QUEUES))}")
    plain = tuple(arg if isinstance(arg, int | float | str) else str(arg) for arg in args)
    if not session.info.get(_LISTENING):  # only now, as most sessions never send
        event.listen(session, "after_commit", _send_waiting)
        event.listen(session, "after_rollback", _forget_waiting)
        session.info[_LISTENING] = True
    session.info.setdefault(_WAITING, []).append((task, plain, queue or QUEUES[task]))


def enqueue_wakeups(session: Session, wakeups: Iterable[Wakeup]) -> None:
    """Enqueue what storage says is to be woken for new rows."""
    for wakeup in wakeups:
        enqueue(session, wakeup.task, *wakeup.args, queue=wakeup.queue)


def _send_waiting(session: Session) -> None:
    if session.in_nested_transaction():
        return
    sender: Sender = session.info[_SENDER]
    for task, args, queue in session.info.pop(_WAITING, []):
        try:
            sender.send(task, args, queue)
        except (OSError, KombuError) as error:
            log.warning("broker is away, the sweep will start %s%r: %s", task, args, error)


def _forget_waiting(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_WAITING, None)
