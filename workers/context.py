"""What a task works with: settings, database sessions, models, and a way to wake others."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from kombu.exceptions import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from settings import Settings
from storage.database import create_engine_from, session_factory
from storage.tenancy import Sessions
from storage.wakeups import Wakeup
from workers.artifacts import Artifacts

log = logging.getLogger(__name__)

Send = Callable[[str, tuple[int | str, ...], str], None]


@dataclass(frozen=True)
class Context:
    """Everything the work of one process needs."""

    settings: Settings
    sessions: sessionmaker[Session] | Sessions
    artifacts: Artifacts
    send: Send

    def within(self, workspace_id: int) -> Context:
        """Return the same with sessions that reach one workspace only."""
        factory = self.sessions.factory if isinstance(self.sessions, Sessions) else self.sessions
        return replace(self, sessions=Sessions(factory, workspace_id))

    def wake(self, wakeups: Iterable[Wakeup]) -> None:
        """Send wake-ups, after the commit; with the broker away the sweep sends them later."""
        for wakeup in wakeups:
            try:
                self.send(wakeup.task, wakeup.args, wakeup.queue)
            except (OperationalError, OSError) as error:
                log.warning("broker is away, the sweep will send %s%r: %s", wakeup.task, wakeup.args, error)
                return


class Composition:
    """Makes a context once in each process, so that no connection crosses a fork."""

    def __init__(self, settings: Settings, artifacts: Artifacts, send: Send) -> None:
        self.settings = settings
        self._artifacts = artifacts
        self._send = send
        self._made: tuple[int, Context] | None = None

    def context(self) -> Context:
        """Return this process's context."""
        pid = os.getpid()
        if self._made is None or self._made[0] != pid:
            engine = create_engine_from(self.settings, pool_size=3)
            self._made = pid, Context(self.settings, session_factory(engine), self._artifacts, self._send)
        return self._made[1]
