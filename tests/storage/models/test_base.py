"""The models build the same tables as the migrations, down to defaults, predicates and actions.

Alembic's own comparison looks at neither defaults, checks, nor the predicates of indexes.
"""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import DateTime, Engine, ForeignKeyConstraint, Text, text
from sqlalchemy.orm import Session

from storage.migrate import belongs_to_models
from storage.models import Base, Workspace
from storage.models.base import NAMES, one_of
from tests.storage.models.rows import put

COLUMNS = """
    SELECT table_name, column_name, data_type, udt_name, is_nullable, column_default,
           is_identity, identity_generation, numeric_precision, numeric_scale
    FROM information_schema.columns WHERE table_schema = :schema
"""
INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = :schema"
CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = CAST(:schema AS regnamespace)
"""
# No tenant: people and their tries to log in, processes, the calendar, parts of a row that has one.
SHARED = {"workspaces", "users", "login_attempts", "worker_heartbeats", "marked_days", "forecast_points"}
SHARED |= {"sign_ins", "password_resets", "recovery_codes", "built_in_aspects"}
# Its rows stay when their workspace goes.
OUTLIVING = {"audit_entries"}
# A trigger takes its rows when their reviews go (`test_months.py`).
KEYS = {"review_keys"}
# It goes with its product: a key to the workspace too would cost each row of an import as much again.
OF_PRODUCTS = {"reviews"}
TABLES = sorted(Base.metadata.tables)


@pytest.fixture
def from_models(engine: Engine) -> Iterator[Session]:
    """A session that sees the migrated tables in `public` and the models' own in `modelled`."""
    with engine.connect() as connection:
        transaction = connection.begin()
        connection.execute(text("CREATE SCHEMA modelled"))
        connection.execute(text("SET LOCAL search_path TO modelled"))
        Base.metadata.create_all(connection, checkfirst=False)
        with Session(connection) as session:
            yield session
        transaction.rollback()


def described(session: Session, query: str, schema: str) -> set[tuple[object, ...]]:
    """Run a catalogue query and leave the schema's name out of what it says."""
    session.execute(text(f"SET LOCAL search_path TO {schema}"))
    rows = session.execute(text(query), {"schema": schema})
    return {
        tuple(re.sub(rf"\b{schema}\.", "", cell) if isinstance(cell, str) else cell for cell in row)
        for row in rows
        if row[0] != "alembic_version" and belongs_to_models(row[0], "table", None)
    }


@pytest.mark.parametrize("query", [COLUMNS, INDEXES, CONSTRAINTS], ids=["columns", "indexes", "constraints"])
def test_the_migrated_database_is_the_one_the_models_describe(from_models: Session, query: str) -> None:
    migrated = described(from_models, query, "public")
    modelled = described(from_models, query, "modelled")
    assert len(modelled) >= len(TABLES)
    assert migrated - modelled == set(), "only the migrations make this"
    assert modelled - migrated == set(), "only the models ask for this"


@pytest.mark.parametrize("table", TABLES)
def test_every_table_knows_its_tenant_and_goes_with_it(table: str) -> None:
    columns = Base.metadata.tables[table].columns
    assert ("workspace_id" in columns) is (table not in SHARED)
    if table not in SHARED | OUTLIVING | KEYS:
        [key] = columns["product_id" if table in OF_PRODUCTS else "workspace_id"].foreign_keys
        assert key.target_fullname == ("products.id" if table in OF_PRODUCTS else "workspaces.id")
        assert key.ondelete == "CASCADE"
        assert columns["workspace_id"].nullable is False


@pytest.mark.parametrize("table", TABLES)
def test_times_keep_their_zone_and_words_have_no_length(table: str) -> None:
    for column in Base.metadata.tables[table].columns:
        if isinstance(column.type, DateTime):
            assert column.type.timezone, column
        if column.type.python_type is str:
            assert isinstance(column.type, Text), column
            assert column.type.length is None, column


@pytest.mark.parametrize("table", TABLES)
def test_a_key_of_tables_that_are_deleted_from_is_searched_by_an_index(table: str) -> None:
    found = Base.metadata.tables[table]
    leading = {next(iter(found.primary_key.columns)).name}
    leading |= {next(iter(index.columns)).name for index in found.indexes if len(index.columns)}
    leading |= {
        next(iter(rule.columns)).name
        for rule in found.constraints
        if type(rule).__name__ == "UniqueConstraint"
    }
    for rule in found.constraints:
        if isinstance(rule, ForeignKeyConstraint) and rule.ondelete == "CASCADE":
            [column] = rule.columns
            if column.name != "workspace_id":
                assert column.name in leading, f"deleting a row of {rule.referred_table} reads all of {table}"


def test_constraints_are_named_so_that_a_migration_can_drop_them() -> None:
    for table in Base.metadata.tables.values():
        assert table.primary_key.name == f"pk_{table.name}"
        for rule in table.foreign_key_constraints:
            assert rule.name == NAMES["fk"] % {
                "table_name": table.name,
                "column_0_name": rule.column_keys[0],
            }
        for rule in table.constraints:
            assert len(str(rule.name)) <= 63, "PostgreSQL would cut the name"
            assert str(rule.name).split("_")[0] in NAMES


def test_numbers_of_rows_are_given_by_the_database_and_never_twice(session: Session) -> None:
    first = put(session, Workspace, name="first of two")
    second = put(session, Workspace, name="second of two")
    assert first.id < second.id


@pytest.mark.parametrize(
    ("values", "sql"), [(("a",), "c IN ('a')"), (("a", "b_c"), "c IN ('a', 'b_c')")], ids=["one", "two"]
)
def test_a_choice_is_written_as_sql(values: tuple[str, ...], sql: str) -> None:
    assert one_of("c", values) == sql


def test_a_written_choice_is_what_the_database_decides(session: Session) -> None:
    check = text(
        f"SELECT {one_of('c', ('owner', 'viewer'))} FROM (VALUES ('owner'), ('own'), (NULL)) AS t(c)"
    )
    assert session.scalars(check).all() == [True, False, None]
