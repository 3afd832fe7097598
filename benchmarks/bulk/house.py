"""A whole Fengping of the benchmark's own: PostgreSQL and Redis from the wheels, web, text workers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from sqlalchemy import Engine

import storage.migrate
from local.environment import environment, own_environment
from local.postgres import postgres
from local.processes import Processes, commands
from local.redis import free_port, redis
from settings import Settings
from storage.database import create_engine_from

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class House:
    """What runs, and where.

    Attributes
    ----------
    settings : Settings
    engine : Engine
        On the database of the house.
    processes : Processes
        ``web`` and ``nlp0``, ``nlp1`` …
    address : str
        Of the web process.
    folder : Path
    """

    settings: Settings
    engine: Engine
    processes: Processes
    address: str
    folder: Path

    def megabytes(self, name: str) -> float:
        """Return what the biggest process of a name holds now."""
        parent = psutil.Process(self.processes.children[name].pid)
        family = [parent, *parent.children(recursive=True)]
        return max(process.memory_info().rss for process in family) / MEGABYTE

    def processor_seconds(self) -> dict[str, float]:
        """Return the processor time used so far by the workers and by PostgreSQL."""
        server = int((self.folder / "postgres" / "postmaster.pid").read_text().split()[0])
        workers = [child.pid for name, child in self.processes.children.items() if name != "web"]
        return {"workers": sum(map(_seconds, workers)), "postgres": _seconds(server)}


@contextmanager
def house(workers: int = 1, web: bool = True, **told: str) -> Iterator[House]:
    """Start all of it in a temporary folder and end it.

    Parameters
    ----------
    workers : int
        Text workers.
    web : bool
        Whether the web process runs too.
    **told : str
        Further environment of the processes.
    """
    with TemporaryDirectory(prefix="fengping-bulk-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with postgres(folder / "postgres") as database_url, redis(folder / "redis") as broker_url:
            env = environment(folder, database_url, broker_url, own_environment()) | told
            storage.migrate.upgrade(database_url)
            settings, port = Settings.from_env(env), free_port()
            processes = Processes(_commands(port, workers, web), env, folder / "logs")
            engine = create_engine_from(settings)
            try:
                processes.start_all()
                yield House(settings, engine, processes, f"http://127.0.0.1:{port}", folder)
            finally:
                processes.stop()
                engine.dispose()


def _commands(port: int, workers: int, web: bool) -> dict[str, list[str]]:
    usual = commands(port)
    worker = [*usual["nlp"][:-1]]
    worker[worker.index("workers.app")] = "benchmarks.bulk.worker"
    found = {f"nlp{number}": [*worker, f"nlp{number}@%h"] for number in range(workers)}
    return ({"web": usual["web"]} if web else {}) | found


def _seconds(pid: int) -> float:
    try:
        parent = psutil.Process(pid)
        spent, children = parent.cpu_times(), parent.children()
    except psutil.NoSuchProcess:  # it ended just now: its parent has its time
        return 0.0
    own = spent.user + spent.system + spent.children_user + spent.children_system
    return own + sum(_seconds(child.pid) for child in children)
