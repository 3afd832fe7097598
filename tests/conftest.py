"""Fixtures for every test: a real PostgreSQL, a real Redis, settings, a session that rolls back."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

import storage.migrate
from local.postgres import postgres
from local.redis import redis
from settings import Settings
from storage.database import create_engine_from
from tests.faults.servers import Postgres, Rabbit


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="the fault suite at its full length")
    parser.addoption("--postgres", help="folder of another PostgreSQL's programs")
    parser.addoption("--rabbit", action="store_true", help="RabbitMQ as the broker")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a case of bytes by its argument: what gzip writes holds the time, and ids must not."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def machine_dir() -> Iterator[Path]:
    """Yield a folder for servers; a second pytest closes pytest's own to the database's user."""
    with tempfile.TemporaryDirectory(prefix="fengping-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture(scope="session")
def server_url(machine_dir: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    programs = request.config.getoption("--postgres")
    own = Postgres(machine_dir / "postgres", Path(programs)).running() if programs else None
    with own or postgres(machine_dir / "postgres", durable=False) as url:
        yield url


@pytest.fixture(scope="session")
def database_url(server_url: str) -> str:
    storage.migrate.upgrade(server_url)
    return server_url


@pytest.fixture(scope="session")
def committed_url(server_url: str) -> str:
    """Return a database for tests that commit, so that what they leave is in nobody's way."""
    server = create_engine(server_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with server.connect() as connection:
        connection.execute(text("CREATE DATABASE committed"))
    url = server.url.set(database="committed").render_as_string(hide_password=False)
    storage.migrate.upgrade(url)
    return url


@pytest.fixture(scope="session")
def broker_url(machine_dir: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    rabbit = request.config.getoption("--rabbit")
    with Rabbit(machine_dir / "rabbit").running() if rabbit else redis(machine_dir / "redis") as url:
        yield url


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def settings(database_url: str, broker_url: str, data_dir: Path) -> Settings:
    return Settings.from_env(
        {
            "DATABASE_URL": database_url,
            "BROKER_URL": broker_url,
            "DATA_DIR": str(data_dir),
            "SECRET_KEY": "test " * 8,
        }
    )


@pytest.fixture(scope="session")
def engine(database_url: str) -> Iterator[Engine]:
    yield from _engine(database_url)


@pytest.fixture(scope="session")
def committed_engine(committed_url: str) -> Iterator[Engine]:
    yield from _engine(committed_url)


def _engine(url: str) -> Iterator[Engine]:
    engine = create_engine_from(Settings.from_env({"DATABASE_URL": url, "SECRET_KEY": "test " * 8}))
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """Yield a session whose commits are savepoints of a transaction that is rolled back."""
    with engine.connect() as connection:
        transaction = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            yield session
        transaction.rollback()
