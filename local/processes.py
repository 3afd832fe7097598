"""Starts our processes, restarts one that dies, ends them all."""

import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from local.environment import ROOT

STOP_SECONDS = 10
RESTART_SECONDS = 2


def commands(port: int) -> dict[str, list[str]]:
    """Return the command line of each process by its name."""
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "--app", "workers.app", "--quiet"]
    worker = [
        *celery,
        "worker",
        "--concurrency",
        "1",
        "--loglevel",
        "WARNING",
        "--without-mingle",
        "--without-gossip",
    ]
    web = [
        *python,
        "gunicorn",
        "--bind",
        f"127.0.0.1:{port}",
        "--workers",
        "2",
        "--threads",
        "4",
        "--config",
        "python:webapp.serving",
    ]
    return {
        "web": [*web, "webapp:create_app()"],
        "nlp": [*worker, "--queues", "nlp", "--hostname", "nlp@%h"],
        "forecast": [*worker, "--queues", "forecast", "--hostname", "forecast@%h"],
        "beat": [*celery, "beat", "--loglevel", "WARNING", "--pidfile="],
    }


@dataclass
class Processes:
    """The running children of this machine.

    Parameters
    ----------
    commands : dict
        Command line by name.
    environment : dict of str
        Environment of each child.
    logs : Path
        Folder that receives NAME.log, appended.
    """

    commands: dict[str, list[str]]
    environment: dict[str, str]
    logs: Path
    children: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """Start the process `name` in a session of its own, so that Ctrl-C reaches only us."""
        self.logs.mkdir(parents=True, exist_ok=True)
        with (self.logs / f"{name}.log").open("ab") as log:
            self.children[name] = subprocess.Popen(
                self.commands[name],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start_all(self) -> None:
        """Start every process."""
        for name in self.commands:
            self.start(name)

    def pids(self) -> list[int]:
        """Return the process ids of the children."""
        return [child.pid for child in self.children.values()]

    def revive(self) -> list[str]:
        """Start again the children that died; return their names."""
        dead = [name for name, child in self.children.items() if child.poll() is not None]
        for name in dead:
            self.start(name)
        return dead

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """End all children: ask, ask for a cold stop, then kill. Leases bring unfinished work back."""
        for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGKILL):
            alive = [child for child in self.children.values() if child.poll() is None]
            for child in alive:
                child.send_signal(number)
            deadline = time.monotonic() + seconds
            for child in alive:
                wait_until(child, deadline)


def wait_until(child: "subprocess.Popen[bytes]", deadline: float) -> None:
    """Wait for the end of `child`, no longer than until `deadline` (of `time.monotonic`)."""
    try:
        child.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return
