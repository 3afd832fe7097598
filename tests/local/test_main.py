"""`python -m local` as a user meets it: it answers, and nothing is left when it ends."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from local.__main__ import answers
from local.environment import ROOT
from local.redis import free_port

pytestmark = pytest.mark.functional


class Running:
    """A started `python -m local` with the words it printed."""

    def __init__(self, var: Path) -> None:
        self.var, self.port = var, free_port()
        words = ["--port", str(self.port), "--var", str(var), "--console", str(var / "console")]
        environment = {
            name: value for name, value in os.environ.items() if name not in ("DATA_DIR", "SECRET_KEY")
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "local", *words],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )

    def greeting(self, seconds: float = 120) -> str:
        assert self.process.stdout
        lines = []
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and (line := self.process.stdout.readline()):
            lines.append(line)
            if "Ctrl-C" in line:
                break
        return "".join(lines)

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@pytest.fixture(scope="module")
def running(machine_dir: Path) -> Iterator[Running]:
    running = Running(machine_dir / "var")
    yield running
    with running.process:  # closes its pipe and waits
        running.process.terminate()


def test_one_command_starts_everything_and_ctrl_c_leaves_nothing(running: Running) -> None:
    greeting = running.greeting()
    address = f"http://127.0.0.1:{running.port}"
    assert address in greeting
    assert (running.var / "demo-password").read_text() in greeting
    with urllib.request.urlopen(f"{address}/login") as page:
        assert "风评" in page.read().decode()
    family = running.family()
    assert len(family) >= 5  # redis, web, two workers, beat

    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(60) == 0
    assert [process for process in family if process.is_running()] == []
    assert not answers(address)
    assert not (running.var / "console").exists()
    assert not (running.var / "postgres" / "postmaster.pid").exists()
