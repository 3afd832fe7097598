"""A worker that is asked to stop ends or returns what it works on within seconds."""

from __future__ import annotations

import atexit
import logging
import os
import signal
import socket
import threading
from typing import Any

import psutil
from celery import bootsteps, signals
from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from storage.chunks import hand_back
from storage.forecasts import hand_back_runs
from storage.wakeups import Wakeup, wakeup_of_run, wakeups_of

log = logging.getLogger(__name__)

GRACE_SECONDS = 6.0
EXIT_SECONDS = 2.5


class PromptStop(bootsteps.StartStopStep):
    """After SIGTERM gives the children a few seconds, then ends them and returns their chunks."""

    def __init__(self, worker: Any, **_options: Any) -> None:
        self._app, self._stopping = worker.app, False

    def start(self, worker: Any) -> None:
        """Wait to be told that the worker is to stop."""
        atexit.register(self.leave)
        signals.worker_shutting_down.connect(self.begin, weak=False, dispatch_uid=__name__)

    def begin(self, how: str = "", **_options: Any) -> None:
        """Count the seconds from a warm stop on."""
        if how == "Warm":
            self._stopping = True
            timer = threading.Timer(GRACE_SECONDS, self.end)
            timer.daemon = True  # a worker that is done sooner does not wait for it
            timer.start()

    def leave(self) -> None:
        """When all is done, leave without taking the interpreter apart, which may last for seconds."""
        if self._stopping:
            logging.shutdown()
            os._exit(0)

    def end(self) -> None:
        """End the children and return what they held; then leave, should the pool still wait for them."""
        leave = threading.Timer(EXIT_SECONDS, os._exit, (0,))
        leave.daemon = True
        leave.start()
        return_work(self._app, end_children())


def end_children() -> list[int]:
    """Kill the processes of the pool; return their ids."""
    children = psutil.Process().children()
    for child in children:
        try:
            child.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(children, timeout=EXIT_SECONDS / 2)
    return [child.pid for child in children]


def return_work(app: Any, pids: list[int]) -> int:
    """Return the chunks and forecasts that children held, and wake others for them; return how many."""
    engine = create_engine(app.composition.settings.database_url, poolclass=NullPool)
    wakeups: list[Wakeup] = []
    try:
        for pid in pids:
            owner = f"{socket.gethostname()}:{pid}:"
            with Session(engine, expire_on_commit=False) as session, session.begin():
                wakeups += wakeups_of(hand_back(session, owner))
                wakeups += [wakeup_of_run(run) for run in hand_back_runs(session, owner)]
    except SQLAlchemyError as error:
        log.warning("not returned, the leases will run out: %s", error)
    log.warning("stopping: %s chunks and forecasts returned", len(wakeups))
    app.composition.context().wake(wakeups)
    return len(wakeups)
