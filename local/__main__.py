"""`python -m local`: everything on one machine, until Ctrl-C."""

import argparse
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType

from local import demonstration
from local.environment import ROOT, environment, own_environment, write_console
from local.leftovers import end_leftovers, record
from local.postgres import postgres
from local.postgres import revive as revive_postgres
from local.processes import RESTART_SECONDS, Processes, commands
from local.redis import is_open
from local.redis import running as redis

READY_SECONDS = 180


class Stop(Exception):
    """Somebody asked us to end."""


def on_signal(number: int, _frame: FrameType | None) -> None:
    """Turn the signal into an exception once; a second one must not interrupt the stopping."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    raise Stop(signal.Signals(number).name)


def answers(address: str) -> bool:
    """Tell whether the web process answers its health check."""
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def wait_for_web(address: str, processes: Processes) -> None:
    """Return when the web process answers.

    Raises
    ------
    RuntimeError
        When it does not within READY_SECONDS; names its log.
    """
    deadline = time.monotonic() + READY_SECONDS
    while not answers(address):
        if time.monotonic() > deadline or processes.children["web"].poll() is not None:
            raise RuntimeError(
                f"the web process does not answer at {address}; see {processes.logs / 'web.log'}"
            )
        time.sleep(0.2)


def greet(address: str, var: Path) -> None:
    """Print where to go and how to log in."""
    print(f"\n  风评 Fengping   {address}")
    print(f"  演示登录 demo login   {demonstration.EMAIL}   {demonstration.password(var)}")
    print(f"  日志 logs   {var / 'logs'}\n  Ctrl-C 停止 stops everything\n", flush=True)


def watch(processes: Processes, pids: Path, servers: dict[str, Callable[[], bool]]) -> None:
    """Restart what dies, servers first, until a signal comes."""
    while True:
        time.sleep(RESTART_SECONDS)
        if dead := [name for name, revive in servers.items() if revive()] + processes.revive():
            record(pids, processes.pids())
            print(f"restarted: {', '.join(dead)} (see {processes.logs})", file=sys.stderr, flush=True)


def serve(port: int, var: Path, console: Path) -> None:
    """Start servers and processes, fill the demo once, watch, and stop all of it in reverse order."""
    address = f"http://127.0.0.1:{port}"
    pids = var / "run" / "pids.json"
    end_leftovers(pids)
    if is_open(port):
        raise RuntimeError(f"port {port} is taken by another program; choose one: PORT=8123 make run")
    with postgres(var / "postgres") as database_url, redis(var / "redis") as broker:
        told = environment(var, database_url, broker.address, own_environment())
        subprocess.run([sys.executable, "-m", "storage.migrate"], cwd=ROOT, env=told, check=True)
        processes = Processes(commands(port), told, var / "logs")
        try:
            processes.start_all()
            record(pids, processes.pids())
            write_console(console, told)
            demonstration.fill(var, told)
            wait_for_web(address, processes)
            greet(address, var)
            watch(
                processes,
                pids,
                {"postgres": partial(revive_postgres, var / "postgres"), "redis": broker.revive},
            )
        finally:
            processes.stop()
            console.unlink(missing_ok=True)
            pids.unlink(missing_ok=True)


def main() -> int:
    """Run until a signal; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--var", type=Path, default=ROOT / "var", help="folder of this machine's state")
    parser.add_argument(
        "--console", type=Path, default=ROOT / ".flaskenv", help="what the flask command reads"
    )
    arguments = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)
    try:
        serve(arguments.port, arguments.var, arguments.console)
    except Stop:
        return 0
    except (RuntimeError, subprocess.CalledProcessError) as error:
        print(f"fengping: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
