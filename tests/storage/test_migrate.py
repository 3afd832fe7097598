import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.pool import NullPool

from storage import migrate
from storage.models import Base
from storage.sealing import SECOND_FACTORS, Seal
from tests.storage.filling import contents, fill, lost

ROOT = Path(__file__).parents[2]
COUNT = len(list((ROOT / "storage/migrations/versions").glob("*.py")))
STEPS = list(pairwise(["base", *(f"{number:04}" for number in range(1, COUNT + 1))]))
KEY = "key " * 8
BEFORE_SEALS = "0027"
SHAPE = """
    SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = CAST('public' AS regnamespace)
    UNION ALL SELECT table_name, column_name, data_type || is_nullable FROM information_schema.columns
    WHERE table_schema = 'public'
"""


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
        told = {"compare_type": True, "include_name": migrate.belongs_to_models}
        context = MigrationContext.configure(connection, opts=told)
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


def shape_of(url: str) -> set[tuple[str, ...]]:
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return {tuple(row) for row in connection.execute(text(SHAPE))}


def test_the_migrations_are_one_line_without_branches() -> None:
    scripts = ScriptDirectory.from_config(migrate.alembic_config("postgresql://"))
    found = [(str(script.down_revision or "base"), script.revision) for script in scripts.walk_revisions()]
    assert found[::-1] == STEPS, "migrations are one line, numbered from 0001"


@pytest.mark.parametrize(("before", "after"), STEPS)
def test_a_migration_undone_leaves_what_was_there_and_can_be_done_again(
    empty_url: str, before: str, after: str
) -> None:
    migrate.upgrade(empty_url)
    migrate.downgrade(empty_url, before)
    first = shape_of(empty_url)
    migrate.upgrade(empty_url, after)
    second = shape_of(empty_url)
    assert first != second
    migrate.downgrade(empty_url, before)
    assert shape_of(empty_url) == first
    migrate.upgrade(empty_url, after)
    assert shape_of(empty_url) == second


def test_upgrading_again_keeps_the_rows(empty_url: str) -> None:
    migrate.upgrade(empty_url, "0002")
    engine = create_engine(empty_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO workspaces (name) VALUES ('旗舰店')"))
    migrate.upgrade(empty_url)
    migrate.upgrade(empty_url)
    with engine.connect() as connection:
        assert connection.scalars(text("SELECT name FROM workspaces")).all() == ["旗舰店"]


def test_a_revision_that_does_not_exist_changes_nothing(empty_url: str) -> None:
    migrate.upgrade(empty_url, "0001")
    before = shape_of(empty_url)
    with pytest.raises(CommandError, match="9999"):
        migrate.upgrade(empty_url, "9999")
    assert shape_of(empty_url) == before


def test_processes_that_migrate_at_once_take_turns(empty_url: str) -> None:
    environment = {"DATABASE_URL": empty_url, "SECRET_KEY": "k"}
    command = [sys.executable, "-m", "storage.migrate"]
    started = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [process.communicate(timeout=120)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], said
    with create_engine(empty_url, poolclass=NullPool).connect() as connection:
        assert connection.scalars(text("SELECT version_num FROM alembic_version")).all() == [STEPS[-1][1]]


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


# What an older revision cannot hold is deleted by the step back to it: tables by the revision undone.
# What refers to a job that goes forgets which one it was.
GONE = {"jobs", "chunks", "refusals"}
FORGOT = {*GONE, "reviews", "forecast_runs"}
FORGETS = {"0007": FORGOT, "0018": FORGOT, "0023": {*GONE, "replaced_rows"}}


def test_every_step_back_and_forth_keeps_the_rows_of_a_filled_database(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    with create_engine(empty_url, poolclass=NullPool).begin() as connection:
        fill(connection)
        rows = contents(connection)
    assert {name for name, found in rows.items() if not found} == set()
    for before, after in reversed(STEPS):
        migrate.downgrade(empty_url, before, KEY)
        older = now(empty_url)
        assert lost(rows, older) == FORGETS.get(after, set()), f"rows lost by undoing {after}"
        migrate.upgrade(empty_url, after, KEY)
        assert lost(older, now(empty_url)) == set(), f"rows lost by {after}"
        migrate.downgrade(empty_url, before, KEY)
        rows = now(empty_url)
    migrate.upgrade(empty_url, secret_key=KEY)


def now(url: str) -> dict[str, list[dict[str, Any]]]:
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return contents(connection)


def test_a_step_back_forgets_imports_that_are_gone(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    with create_engine(empty_url, poolclass=NullPool).begin() as connection:
        fill(connection)
        connection.execute(text("DELETE FROM jobs WHERE id = (SELECT max(job_id::text)::uuid FROM reviews)"))
    imports = "SELECT count(*), count(job_id) FROM reviews"
    with create_engine(empty_url, poolclass=NullPool).connect() as connection:
        assert connection.execute(text(imports)).one() == (3, 2)
    migrate.downgrade(empty_url, "0029", KEY)
    with create_engine(empty_url, poolclass=NullPool).connect() as connection:
        assert connection.execute(text(imports)).one() == (3, 1)


def secrets_of(url: str, column: str) -> list[str | None]:
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return list(connection.scalars(text(f"SELECT {column} FROM users ORDER BY email")))


def test_second_factors_are_sealed_and_opened_again(empty_url: str) -> None:
    migrate.upgrade(empty_url, BEFORE_SEALS)
    with create_engine(empty_url, poolclass=NullPool).begin() as connection:
        rows = "('a', 'h', 'GEZDGNBVGY3TQOJQ'), ('b', 'h', NULL)"
        connection.execute(text(f"INSERT INTO users (email, password_hash, totp_secret) VALUES {rows}"))
    with pytest.raises(ValueError, match="needs SECRET_KEY"):
        migrate.upgrade(empty_url)
    assert secrets_of(empty_url, "totp_secret") == ["GEZDGNBVGY3TQOJQ", None]
    environment = {"DATABASE_URL": empty_url, "SECRET_KEY": KEY}
    subprocess.run([sys.executable, "-m", "storage.migrate"], cwd=ROOT, env=environment, check=True)
    [sealed, none] = secrets_of(empty_url, "totp_sealed")
    assert Seal(KEY, SECOND_FACTORS).open(sealed or "") == {"secret": "GEZDGNBVGY3TQOJQ"}
    assert none is None
    migrate.downgrade(empty_url, BEFORE_SEALS, KEY)
    assert secrets_of(empty_url, "totp_secret") == ["GEZDGNBVGY3TQOJQ", None]
    migrate.upgrade(empty_url, secret_key=KEY)
    migrate.downgrade(empty_url, BEFORE_SEALS, "another " * 4)
    [kept, _] = secrets_of(empty_url, "totp_secret")
    assert kept is not None, "a factor that cannot be opened is still asked for"
