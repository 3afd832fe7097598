import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.pool import NullPool

from storage import migrate
from storage.models import Base

ROOT = Path(__file__).parents[2]


@pytest.fixture
def empty_url(database_url: str):
    """A fresh database on the same server, dropped afterwards."""
    server = create_engine(database_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    name = "migrated"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.url.set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def test_the_migrations_make_exactly_the_models(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    engine = create_engine(empty_url, poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        # Compared here because Alembic does not look at checks.
        checks = {
            check["name"]
            for table in Base.metadata.tables
            for check in inspect(engine).get_check_constraints(table)
        }
    wanted = {
        str(constraint.name)
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if type(constraint).__name__ == "CheckConstraint"
    }
    assert checks == wanted


def test_upgrading_twice_changes_nothing(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    migrate.upgrade(empty_url)
    assert "reviews" in inspect(create_engine(empty_url, poolclass=NullPool)).get_table_names()


def test_every_migration_can_be_undone(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    migrate.downgrade(empty_url)
    assert inspect(create_engine(empty_url, poolclass=NullPool)).get_table_names() == ["alembic_version"]


def test_the_command_migrates_what_the_environment_names(empty_url: str) -> None:
    environment = {"DATABASE_URL": empty_url, "SECRET_KEY": "k"}
    command = [sys.executable, "-m", "storage.migrate"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "jobs" in inspect(create_engine(empty_url, poolclass=NullPool)).get_table_names()


def test_the_command_says_which_variable_is_missing() -> None:
    command = [sys.executable, "-m", "storage.migrate"]
    done = subprocess.run(command, cwd=ROOT, env={}, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "DATABASE_URL" in done.stderr
