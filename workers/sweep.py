"""Wake workers for everything that nobody works on: the broker may have forgotten it."""

from __future__ import annotations

from collections.abc import Callable

from storage import chunks, forecasts
from storage.wakeups import QUEUES, Wakeup, stages_of, wakeup_of_run, wakeups_of
from workers.context import Context

MOST = 200


def sweep(context: Context, depth_of: Callable[[str], int]) -> int:
    """Send wake-ups for waiting chunks and runs; return how many.

    Parameters
    ----------
    depth_of
        Messages that already wait in a queue. A long queue is left to be worked off first:
        what waits may well be in it, and a second message would be for nothing.
    """
    idle = [queue for queue in QUEUES if depth_of(queue) < MOST]
    wakeups: list[Wakeup] = []
    with context.sessions() as session:
        for queue in idle:
            wakeups += wakeups_of(chunks.waiting_chunks(session, stages_of(queue), MOST))
        if "forecast" in idle:
            wakeups += [wakeup_of_run(run) for run in forecasts.waiting_runs(session, MOST)]
    distinct = dict.fromkeys(wakeups)
    context.wake(distinct)
    return len(distinct)
