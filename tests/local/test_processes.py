import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from local.processes import Processes, commands, wait_until

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGQUIT, signal.SIG_IGN)\n"
    "print('up', flush=True); time.sleep(60)",
]


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Processes]:
    processes = Processes({"sleep": SLEEP, "stubborn": STUBBORN}, {}, tmp_path / "logs")
    processes.start_all()
    yield processes
    processes.stop(seconds=0.2)


def wait_for_log(processes: Processes, name: str) -> None:
    log = processes.logs / f"{name}.log"
    deadline = time.monotonic() + 20
    while "up" not in log.read_text():
        assert time.monotonic() < deadline, f"{name} did not start"
        time.sleep(0.05)


def test_each_writes_its_own_log(started: Processes) -> None:
    wait_for_log(started, "sleep")
    assert (started.logs / "sleep.log").read_text() == "up\n"


def test_nothing_is_revived_while_all_live(started: Processes) -> None:
    before = started.pids()
    assert started.revive() == []
    assert started.pids() == before


def test_a_killed_child_is_started_again(started: Processes) -> None:
    old = started.children["sleep"]
    old.kill()
    old.wait()
    assert started.revive() == ["sleep"]
    assert started.children["sleep"].pid != old.pid
    assert started.children["sleep"].poll() is None


def test_stop_ends_even_the_stubborn(started: Processes) -> None:
    wait_for_log(started, "stubborn")
    pids = started.pids()
    started.stop(seconds=0.3)
    assert [pid for pid in pids if psutil.pid_exists(pid)] == []


def test_a_child_is_in_a_session_of_its_own(started: Processes) -> None:
    import os

    assert all(os.getsid(pid) == pid for pid in started.pids())


def test_waiting_ends_at_the_deadline() -> None:
    child = subprocess.Popen(SLEEP, stdout=subprocess.DEVNULL)
    before = time.monotonic()
    wait_until(child, before + 0.2)
    assert 0.1 < time.monotonic() - before < 10
    child.kill()
    wait_until(child, time.monotonic() + 10)
    assert child.returncode is not None


def test_one_process_a_queue_and_the_web_on_loopback() -> None:
    table = commands(8123)
    assert set(table) == {"web", "nlp", "forecast", "beat"}
    assert "127.0.0.1:8123" in table["web"]
    for queue in ("nlp", "forecast"):
        assert table[queue][table[queue].index("--queues") + 1] == queue
