import errno

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from storage.outages import outage_of


@pytest.mark.parametrize(
    ("cause", "outage"),
    [
        (psycopg.errors.DiskFull(), "full"),
        (psycopg.errors.ReadOnlySqlTransaction(), "read_only"),
        (psycopg.errors.AdminShutdown(), "away"),
        (psycopg.errors.CannotConnectNow(), "away"),
        (psycopg.errors.DeadlockDetected(), "away"),
        (psycopg.errors.ConnectionFailure(), "away"),
        (psycopg.OperationalError("connection refused"), "away"),
        (psycopg.errors.UniqueViolation(), None),
        (psycopg.errors.QueryCanceled(), None),
        (psycopg.errors.StatementTooComplex(), None),
    ],
)
def test_what_the_database_says(cause: Exception, outage: str | None) -> None:
    assert outage_of(DBAPIError("SELECT 1", {}, cause)) == outage


@pytest.mark.parametrize(
    ("number", "outage"), [(errno.ENOSPC, "full"), (errno.EROFS, "read_only"), (errno.EACCES, None)]
)
def test_what_a_file_says(number: int, outage: str | None) -> None:
    assert outage_of(OSError(number, "no")) == outage


def test_other_faults_do_not_pass_by_themselves() -> None:
    assert outage_of(ValueError("no")) is None
    assert outage_of(OSError("no number")) is None


def test_a_database_that_is_not_there() -> None:
    engine = create_engine("postgresql+psycopg://127.0.0.1:1/none", poolclass=NullPool)
    with pytest.raises(OperationalError) as caught, engine.connect():
        pass
    assert outage_of(caught.value) == "away"


def test_a_database_that_may_only_be_read(database_url: str) -> None:
    engine = create_engine(database_url, poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("SET TRANSACTION READ ONLY"))
        with pytest.raises(DBAPIError) as caught:
            connection.execute(text("CREATE TABLE never (id integer)"))
    assert outage_of(caught.value) == "read_only"
