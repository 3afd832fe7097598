"""Which task wakes a worker for which row; sent after the commit, and by the sweep."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from storage.models import Chunk, ForecastRun

# Stage → task, queue, and whether its argument is the job rather than the chunk.
TASKS = {
    "import": ("workers.tasks.import_chunk", "nlp", False),
    "score": ("workers.tasks.score_reviews", "nlp", False),
    "suspects": ("workers.tasks.find_suspects", "nlp", False),
    "daily": ("workers.tasks.rebuild_daily", "nlp", False),
    "digest": ("workers.tasks.digest_products", "nlp", False),
    "undo": ("workers.tasks.undo_import", "nlp", False),
    "export": ("workers.tasks.export_file", "nlp", False),
    "analyze": ("workers.tasks.analyze_texts", "nlp", True),
    "train": ("workers.tasks.train_models", "forecast", True),
    "forecast": ("workers.tasks.train_models", "forecast", True),
}
RUN_FORECAST = "workers.tasks.run_forecast"


QUEUES = ("nlp", "forecast")


@dataclass(frozen=True)
class Wakeup:
    """A message to send; losing it costs time, never work."""

    task: str
    args: tuple[int | str, ...]
    queue: str


def stages_of(queue: str) -> list[str]:
    """Return the stages whose tasks go to a queue."""
    return [stage for stage, (_, at, _) in TASKS.items() if at == queue]


def wakeups_of(chunks: Iterable[Chunk]) -> list[Wakeup]:
    """Return the messages that wake workers for these chunks."""
    return [wakeup_of(chunk) for chunk in chunks]


def wakeup_of(chunk: Chunk) -> Wakeup:
    """Return the message that wakes a worker for a chunk."""
    task, queue, by_job = TASKS[chunk.stage]
    return Wakeup(task, (str(chunk.job_id) if by_job else chunk.id,), queue)


def wakeup_of_run(run: ForecastRun) -> Wakeup:
    """Return the message that wakes a worker for a forecast run."""
    return Wakeup(RUN_FORECAST, (str(run.id),), "forecast")
