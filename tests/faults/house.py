"""Web, workers and clock on servers that may be killed, watched by nobody but a supervisor."""

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

import storage.migrate
from local.environment import ROOT, environment, own_environment
from local.processes import Processes, commands
from local.redis import free_port
from settings import Settings
from storage.database import create_engine_from, session_factory
from storage.models import Chunk, Job
from storage.progress import Progress, progress
from tests.faults.servers import Postgres, Rabbit, Redis, wait_for

WORKERS = ("nlp1", "nlp2")
QUICK = {"SWEEP_SECONDS": "1", "REFRESH_DELAY_SECONDS": "86400"}
PATIENCE_SECONDS = 120
WATCH_SECONDS = 0.3


Lines = Callable[[int], dict[str, list[str]]]


def faulty(port: int) -> dict[str, list[str]]:
    """Return the command lines of the usual web process and clock, and of two faulty workers."""
    usual = commands(port)
    ours = [sys.executable, "-m", "tests.faults.worker"]
    start = usual["nlp"].index("worker")
    workers = {name: [*ours, *usual["nlp"][start:-1], f"{name}@%h"] for name in WORKERS}
    return {"web": usual["web"], **workers, "beat": usual["beat"]}


class House:
    """The whole program, with a supervisor that starts again whatever dies.

    Parameters
    ----------
    folder
        For data and logs.
    settings
        More environment variables.
    lines
        From the web's port to the command line of each process; those of faulty workers by default.
    """

    def __init__(
        self,
        folder: Path,
        database: Postgres,
        broker: Redis | Rabbit,
        settings: dict[str, str],
        lines: Lines | None = None,
    ) -> None:
        self.database, self.broker = database, broker
        told = own_environment() | QUICK | settings
        self.environment = environment(folder, database.url, broker.url, told)
        self.settings = Settings.from_env(self.environment)
        self.port = free_port()
        self.processes = Processes((lines or faulty)(self.port), self.environment, folder / "logs")
        self.sessions = session_factory(create_engine_from(self.settings))
        self._stop = threading.Event()
        self._watch = threading.Thread(target=self._supervise, daemon=True)

    def start(self) -> None:
        storage.migrate.upgrade(self.database.url)
        self.processes.start_all()
        self._watch.start()
        self.until(lambda: self.get("/readyz")[0] == 200, "readiness")

    def stop(self) -> None:
        self._stop.set()
        self._watch.join()
        self.processes.stop()
        self.sessions.kw["bind"].dispose()

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Kill a process and its children at once: none of them can tidy up."""
        os.killpg(self.processes.children[name].pid, number)

    def ask_to_stop(self, name: str) -> None:
        """Ask a process, and only it, to stop."""
        self.processes.children[name].terminate()

    def busy(self) -> str | None:
        """Return the name of a worker that holds a chunk now."""
        try:
            with self.sessions() as session:
                owners = session.scalars(select(Chunk.leased_by).where(Chunk.state == "running")).all()
        except SQLAlchemyError:
            return None
        pids = {int(owner.split(":")[1]) for owner in owners if owner}
        for name in WORKERS:
            if pids.intersection(self.family(name)):
                return name
        return None

    def family(self, name: str) -> list[int]:
        """Return the process ids of a process and its children."""
        try:
            process = psutil.Process(self.processes.children[name].pid)
            return [process.pid, *(child.pid for child in process.children(recursive=True))]
        except psutil.NoSuchProcess:
            return []

    def flask(self, *words: str) -> str:
        line = [sys.executable, "-m", "flask", "--app", "webapp", *words]
        done = subprocess.run(
            line, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def new_workspace(self, name: str) -> str:
        """Make a workspace; return a token for it."""
        self.flask("workspace", "create", name)
        return self.flask("token", "create", "--workspace", name, "--role", "analyst", "--name", "faults")

    def get(self, path: str, token: str = "") -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.ask(urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers))[:2]

    def ask(self, request: urllib.request.Request) -> tuple[int, dict[str, Any], dict[str, str]]:
        """Return status, JSON and headers; status 0 when nobody answers."""
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer), dict(answer.headers)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read() or b"{}"), dict(error.headers)
        except OSError:
            return 0, {}, {}

    def upload(self, token: str, file: bytes, key: str, kind: str = "reviews") -> tuple[int, Any, Any]:
        body, headers = form(file, kind)
        headers |= {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        address = f"http://127.0.0.1:{self.port}/api/v1/imports"
        return self.ask(urllib.request.Request(address, body, headers, method="POST"))

    def post(self, token: str, path: str, body: Any, key: str = "") -> tuple[int, Any, Any]:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        headers |= {"Idempotency-Key": key} if key else {}
        address = f"http://127.0.0.1:{self.port}{path}"
        return self.ask(urllib.request.Request(address, json.dumps(body).encode(), headers, method="POST"))

    def import_file(self, token: str, file: bytes, key: str = "once", kind: str = "reviews") -> UUID:
        status, job, _ = self.upload(token, file, key, kind)
        assert status == 202, job
        return UUID(job["id"])

    def progress(self, job_id: UUID) -> tuple[str, Progress]:
        with self.sessions() as session:
            job = session.get_one(Job, job_id)
            return job.state, progress(session, job)

    def ended(self, job_id: UUID) -> bool:
        state = self.asked(lambda session: session.get_one(Job, job_id).state)
        return state not in ("queued", "running", None)

    def asked(self, question: Callable[[Session], Any]) -> Any:
        """Ask the database; None while it is away."""
        try:
            with self.sessions() as session:
                return question(session)
        except SQLAlchemyError:
            return None

    def until(self, reached: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> float:
        return wait_for(reached, what, seconds, self.said)

    def said(self) -> str:
        logs = sorted(self.processes.logs.glob("*.log"))
        return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-2500:]}" for log in logs)

    def _supervise(self) -> None:
        while not self._stop.wait(WATCH_SECONDS):
            self.processes.revive()


def form(file: bytes, kind: str) -> tuple[bytes, dict[str, str]]:
    """Return a multipart body and its headers."""
    edge = "fengping-faults"
    part = f'--{edge}\r\nContent-Disposition: form-data; name="'
    body = b"".join(
        (
            f'{part}kind"\r\n\r\n{kind}\r\n'.encode(),
            f'{part}file"; filename="{kind}.csv"\r\nContent-Type: text/csv\r\n\r\n'.encode(),
            file,
            f"\r\n--{edge}--\r\n".encode(),
        )
    )
    return body, {"Content-Type": f"multipart/form-data; boundary={edge}"}
