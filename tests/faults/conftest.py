"""Servers of the fault suite, and how hard it is."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.house import House
from tests.faults.servers import Postgres, Rabbit, Redis


@dataclass(frozen=True)
class Weather:
    """How much is asked of the house."""

    rows: int
    chunk_rows: int
    kills: int
    broker_restarts: int
    seconds_per_text: float


FULL = Weather(rows=20_000, chunk_rows=256, kills=20, broker_restarts=2, seconds_per_text=0.005)
SMALL = Weather(rows=2000, chunk_rows=100, kills=4, broker_restarts=1, seconds_per_text=0.005)


@pytest.fixture(scope="session")
def weather(request: pytest.FixtureRequest) -> Weather:
    return FULL if request.config.getoption("--full") else SMALL


@pytest.fixture(scope="session")
def house(machine_dir: Path, request: pytest.FixtureRequest, weather: Weather) -> Iterator[House]:
    """A house that is hurried: short leases, slow reading, many small chunks."""
    settings = {
        "LEASE_SECONDS": "3",
        "SCORE_CHUNK_ROWS": str(weather.chunk_rows),
        "IMPORT_BATCH_ROWS": str(weather.chunk_rows),
        "SECONDS_PER_TEXT": str(weather.seconds_per_text),
    }
    with living(machine_dir / "house", request.config, settings) as house:
        yield house


@pytest.fixture(scope="session")
def strict_house(machine_dir: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    """A house with narrow limits on small disks, whose leases are too long to wait for."""
    settings = {
        "LEASE_SECONDS": "600",
        "SCORE_CHUNK_ROWS": "16",
        "MAX_ATTEMPTS": "2",
        "SCORE_TIME_LIMIT": "5",
        "CHILD_MEMORY_MB": "300",
    }
    folder = machine_dir / "strict"
    with small_disk(folder / "data", 4), small_disk(folder / "disk", 160):
        options = ("-c", "min_wal_size=32MB", "-c", "max_wal_size=48MB")
        with living(folder, request.config, settings, folder / "disk" / "database", *options) as house:
            yield house


@contextmanager
def living(
    folder: Path, config: pytest.Config, settings: dict[str, str], data: Path | None = None, *options: str
) -> Iterator[House]:
    """Start servers and processes, and end them."""
    programs = config.getoption("--postgres")
    database = Postgres(data or folder / "database", Path(programs) if programs else None, *options)
    broker = (Rabbit if config.getoption("--rabbit") else Redis)(folder / "broker")
    with database.running(), broker.running():
        house = House(folder, database, broker, settings)
        try:
            house.start()
            yield house
        finally:
            house.stop()


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """Put a file system of so many megabytes at `folder`; a plain folder where one may not."""
    folder.mkdir(parents=True)
    if os.geteuid():
        yield
        return
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
