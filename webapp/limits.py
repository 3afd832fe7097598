"""How often a token, or a person, may call the API: a bucket each, filled evenly and emptied by calls."""

import time
from collections import OrderedDict
from collections.abc import Callable
from math import ceil
from threading import Lock

from flask import Flask, current_app
from flask_babel import gettext

from webapp.problems import Problem

BURST_SECONDS = 10
MOST_CALLERS = 10_000


class Buckets:
    """A bucket per caller, in the memory of this process.

    Parameters
    ----------
    per_minute : int
        Calls a minute in the long run; a tenth of a minute's calls may come at once. 0 is no limit.
    clock : callable
        Seconds that only grow.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_minute / 60
        self._size = max(self._rate * BURST_SECONDS, 1.0)
        self._clock = clock
        self._filled: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def wait_for(self, caller: str) -> int:
        """Take a call; return 0, or after how many seconds there is one to take."""
        if not self._rate:
            return 0
        with self._lock:
            now = self._clock()
            left, at = self._filled.pop(caller, (self._size, now))
            left = min(self._size, left + (now - at) * self._rate)
            taken = left >= 1
            self._filled[caller] = (left - taken, now)
            if len(self._filled) > MOST_CALLERS:
                self._filled.popitem(last=False)
            return 0 if taken else ceil((1 - left) / self._rate)


def init_app(app: Flask) -> None:
    """Give `app` the buckets that its settings ask for."""
    app.extensions["buckets"] = Buckets(app.extensions["settings"].requests_per_minute)


def check(caller: str) -> None:
    """Refuse a caller whose bucket is empty, with 429 and `Retry-After`."""
    seconds = current_app.extensions["buckets"].wait_for(caller)
    if seconds:
        raise Problem(
            429,
            gettext("Too many requests. Try again in %(seconds)s s.", seconds=seconds),
            headers={"Retry-After": str(seconds)},
        )
