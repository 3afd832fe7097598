"""A child that hangs or eats memory is ended, and what it held is freed at once, with the reason."""

from __future__ import annotations

import logging
import socket
from typing import Any

import psutil
from billiard.einfo import ExceptionWithTraceback
from celery import Task, bootsteps
from celery.exceptions import WorkerLostError
from celery.worker.request import Request
from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from settings import Settings
from storage.chunks import bury

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
# Above the settings' size a child is replaced after its task; above twice that, in the middle of it.
TIMES_TOO_BIG = 2


class Observed(Request):
    """A task's message as the worker's main process sees it: it outlives the child."""

    def on_timeout(self, soft: bool, timeout: float) -> None:
        """Tell why the child was killed; a soft limit raises in the child, which tells itself."""
        super().on_timeout(soft, timeout)
        if not soft:
            free(self.app, self.worker_pid, too_slow(timeout))

    def on_failure(self, exc_info: Any, *args: Any, **options: Any) -> None:
        """Tell that the child died, be it by the kernel for want of memory."""
        found = exc_info.exception
        cause = found.exc if isinstance(found, ExceptionWithTraceback) else found
        if isinstance(cause, WorkerLostError) and self.worker_pid:
            free(self.app, self.worker_pid, f"工作进程意外终止 / the worker died: {cause}")
        super().on_failure(exc_info, *args, **options)


class ObservedTask(Task):
    """What every task of ours is."""

    Request = "workers.deaths:Observed"


class MemoryWatch(bootsteps.StartStopStep):
    """Ends a child that grows far beyond the size at which it is replaced."""

    requires = {"celery.worker.components:Timer"}  # noqa: RUF012  (Celery reads it from the class)

    def __init__(self, worker: Any, **_options: Any) -> None:
        self._timer: Any = None

    def start(self, worker: Any) -> None:
        """Begin to look."""
        self._timer = worker.timer.call_repeatedly(LOOK_SECONDS, self.look, (worker.app,))

    def stop(self, worker: Any) -> None:
        """Stop looking."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def look(self, app: Any) -> list[int]:
        """End the children that are too big; return their process ids."""
        megabytes = TIMES_TOO_BIG * app.composition.settings.child_memory_mb
        ended = []
        for child in psutil.Process().children():
            try:
                if child.memory_info().rss <= megabytes * 1024**2:
                    continue
                child.kill()
                free(app, child.pid, too_big(megabytes))
                ended.append(child.pid)
            except psutil.NoSuchProcess:
                continue
        return ended


def free(app: Any, pid: int, reason: str) -> None:
    """Free what a child of this machine held; with the database away, its lease runs out by itself."""
    settings: Settings = app.composition.settings
    log.error("child %s: %s", pid, reason)
    try:
        with Session(create_engine(settings.database_url, poolclass=NullPool)) as session, session.begin():
            bury(session, f"{socket.gethostname()}:{pid}:", reason)
    except SQLAlchemyError as error:
        log.warning("not freed, the database is away: %s", error)


def too_slow(seconds: float) -> str:
    """Say that a time limit was passed."""
    return f"超过 {seconds:g} 秒仍未完成 / took longer than {seconds:g} s"


def too_big(megabytes: int) -> str:
    """Say that a memory limit was passed."""
    return f"占用内存超过 {megabytes} MB / used more than {megabytes} MB of memory"
