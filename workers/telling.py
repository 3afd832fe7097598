"""How far a training is, written where its job shows it."""

from __future__ import annotations

import logging
import time

from sqlalchemy.exc import SQLAlchemyError

from storage import chunks
from workers.leases import Assignment

log = logging.getLogger(__name__)

SECONDS = 0.5


class Telling:
    """Takes steps done and of how many, as `forecasting.counted` tells them; writes at most twice a second.

    A count that begins anew, at 0, follows the one before it: a champion is renewed, then others are chosen.
    A job that was cancelled ends the training at its next step, with `LeaseLost`.
    """

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        self._before = self._total = 0
        self._written = 0.0

    def __call__(self, done: int, total: int) -> None:
        """Count a step."""
        if not done:
            self._before += self._total
            self._total = total
        now = time.monotonic()
        if now - self._written >= SECONDS or done in (0, total):
            self._written = now
            self._write(self._before + done, self._before + total)

    def end(self) -> None:
        """Show all of it as done, also where there was nothing to learn."""
        total = max(self._before + self._total, 1)
        self._write(total, total)

    def _write(self, done: int, total: int) -> None:
        try:
            with self._assignment.context.sessions.begin() as session:
                chunks.show(session, self._assignment.lease, done=done, rows=total)
        except SQLAlchemyError as error:
            log.warning("progress not written: %s", error)
