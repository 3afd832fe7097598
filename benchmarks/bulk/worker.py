"""The worker's app, with an analyser that reads so many texts for real and makes up what it says of the rest.

A million texts take the analyser hours; what surrounds it is what a bulk job is measured for.
`celery --app benchmarks.bulk.worker` reads `SCORE_ROWS` and writes what it measured to `SCORE_LOG`.
"""

import json
import os
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from settings import Settings
from workers.app import create_app
from workers.artifacts import Artifacts, Reader

MADE_UP = {
    "sentiment": {"label": "positive", "score": 0.8, "negative": 0.1, "neutral": 0.0, "positive": 0.9},
    "aspects": [],
    "keywords": [],
    "suspect": {"is_suspect": False, "reasons": []},
    "pii": [],
    "language": "zh",
}


class SomeReader:
    """Reads the first texts by the analyser given, and times it against all that lies between two calls."""

    def __init__(self, reader: Reader | None, rows: int, log: Path | None) -> None:
        self.version = reader.version if reader else "made up"
        self._reader, self._rows, self._log = reader, rows, log
        self._read, self._reading, self._began = 0, 0.0, 0.0

    def __call__(
        self,
        texts: Sequence[str],
        only: Collection[str] | None = None,
        ratings: Sequence[float | None] | None = None,
    ) -> list[dict[str, Any]]:
        """Return an analysis of each text."""
        if self._reader is None or self._read >= self._rows:
            return [dict(MADE_UP) for _ in texts]
        start = time.perf_counter()
        self._began = self._began or start
        found = self._reader(texts, only, ratings)
        now = time.perf_counter()
        self._read, self._reading = self._read + len(texts), self._reading + now - start
        if self._log:
            measured = {"rows": self._read, "reading": self._reading, "all": now - self._began}
            self._log.write_text(json.dumps(measured))
        return found

    def with_dictionary(self, dictionary: object) -> "SomeReader":
        """Return itself: nobody here has words of their own."""
        return self


class SomeArtifacts(Artifacts):
    """Gives out the reader above; with no rows to read no model is loaded."""

    def _shared_reader(self) -> Reader:
        rows, log = int(os.environ["SCORE_ROWS"]), os.environ.get("SCORE_LOG")
        if self._reader is None or self._reader[0] != os.getpid():
            real = super()._shared_reader() if rows else None
            self._reader = (os.getpid(), SomeReader(real, rows, Path(log) if log else None))
        return self._reader[1]


def __getattr__(name: str) -> object:
    """Compose the app when ``celery --app benchmarks.bulk.worker`` asks for it."""
    if name not in ("app", "celery"):
        raise AttributeError(name)
    settings = Settings.from_env()
    app = globals()["app"] = create_app(settings, SomeArtifacts(settings))
    return app
