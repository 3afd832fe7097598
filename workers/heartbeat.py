"""A worker says every few seconds that it is alive, also while a task is long."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from typing import Any

from celery import bootsteps
from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from storage.heartbeats import beat

log = logging.getLogger(__name__)

SECONDS = 10


class Heartbeat(bootsteps.StartStopStep):
    """Writes the worker's row from its main process, which opens no lasting connection."""

    requires = {"celery.worker.components:Timer"}  # noqa: RUF012  (Celery reads it from the class)

    def __init__(self, worker: Any, **_options: Any) -> None:
        self._timer: Any = None
        self._started_at = datetime.now(UTC)

    def start(self, worker: Any) -> None:
        """Begin to beat."""
        self._beat(worker)
        self._timer = worker.timer.call_repeatedly(SECONDS, self._beat, (worker,))

    def stop(self, worker: Any) -> None:
        """Stop beating."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _beat(self, worker: Any) -> None:
        queues = sorted(worker.app.amqp.queues.consume_from)
        engine = create_engine(worker.app.composition.settings.database_url, poolclass=NullPool)
        try:
            with Session(engine) as session:
                beat(session, worker.hostname, queues, os.getpid(), self._started_at)
                session.commit()
        except SQLAlchemyError as error:
            log.warning("no heartbeat, the database is away: %s", error)
