"""The real stack on ports of its own, and a real browser."""

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page
from sqlalchemy.orm import Session

import storage.migrate
from local.environment import environment, own_environment
from local.postgres import postgres
from local.processes import Processes, commands
from local.redis import redis
from settings import Settings
from storage import accounts
from storage.database import create_engine_from
from tests.browser.chromium import chromium
from tests.committed import database_url, engine
from webapp.auth.passwords import hash_password

__all__ = ["database_url", "engine"]

EMAIL, PASSWORD = "first-day@example.com", "a first day at work"
START_SECONDS = 120


@pytest.fixture(scope="session")
def stack(machine_dir: Path) -> Iterator[str]:
    """Start web and the nlp worker on a database and a broker of their own; yield the web's address."""
    var = machine_dir / "first-day"
    port = _free_port()
    with postgres(var / "postgres", durable=False) as database_url, redis(var / "redis") as broker_url:
        storage.migrate.upgrade(database_url)
        told = environment(var, database_url, broker_url, own_environment())
        _add_account(told)
        wanted = {name: line for name, line in commands(port).items() if name in ("web", "nlp")}
        processes = Processes(wanted, told, var / "logs")
        processes.start_all()
        try:
            _wait(f"http://127.0.0.1:{port}/readyz", processes)
            yield f"http://127.0.0.1:{port}"
        finally:
            processes.stop()


@pytest.fixture
def page(stack: str) -> Iterator[Page]:
    """Open an empty page of a headless Chromium; fail on whatever its console calls an error."""
    faults: list[str] = []
    with chromium() as browser:
        opened = browser.new_context(base_url=stack, viewport={"width": 1366, "height": 768}).new_page()
        opened.set_default_timeout(START_SECONDS * 1000)
        opened.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        opened.on("pageerror", lambda error: faults.append(str(error)))
        yield opened
    assert faults == []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _add_account(told: dict[str, str]) -> None:
    engine = create_engine_from(Settings.from_env(told))
    with Session(engine) as session:
        workspace = accounts.create_workspace(session, "first day")
        person = accounts.create_user(session, EMAIL, hash_password(PASSWORD))
        accounts.set_membership(session, workspace.id, person.id, "analyst")
        session.commit()
    engine.dispose()


def _wait(address: str, processes: Processes) -> None:
    """Return once the stack is ready: web, database, broker and a live worker."""
    deadline = time.monotonic() + START_SECONDS
    last = "no answer"
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except urllib.error.HTTPError as error:
            last = error.read().decode()
            error.close()
        except OSError as error:
            last = str(error)
        time.sleep(0.5)
    raise RuntimeError(f"not ready after {START_SECONDS} s: {last}\n{_logs(processes.logs)}")


def _logs(folder: Path) -> str:
    return "\n".join(f"--- {log.name}\n{log.read_text()[-2000:]}" for log in sorted(folder.glob("*.log")))
