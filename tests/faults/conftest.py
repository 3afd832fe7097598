"""Servers of the fault suite, and how hard it is."""

from collections.abc import Iterator
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
    folder = machine_dir / "house"
    programs = request.config.getoption("--postgres")
    database = Postgres(folder / "database", Path(programs) if programs else None)
    broker = (Rabbit if request.config.getoption("--rabbit") else Redis)(folder / "broker")
    settings = {
        "SCORE_CHUNK_ROWS": str(weather.chunk_rows),
        "IMPORT_BATCH_ROWS": str(weather.chunk_rows),
        "SECONDS_PER_TEXT": str(weather.seconds_per_text),
    }
    database.start()
    broker.start()
    house = House(folder, database, broker, settings)
    try:
        house.start()
        yield house
    finally:
        house.stop()
        broker.end()
        database.end()
