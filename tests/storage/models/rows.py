"""Put rows in and take them out past the storage's functions, so that only the database can object."""

from typing import Any, TypeVar, cast

from psycopg import Error
from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storage.models import Base

Row = TypeVar("Row", bound=Base)


def put(session: Session, model: type[Row], /, **values: Any) -> Row:
    """Add a row and read it back with what the database filled in."""
    row = model(**values)
    session.add(row)
    session.flush()
    session.refresh(row)
    return row


def refusal(session: Session, model: type[Base], /, **values: Any) -> str | None:
    """Try a row and return the name of the constraint, or of the empty column, that refuses it."""
    try:
        with session.begin_nested():
            session.execute(insert(model).values(**values))
    except IntegrityError as error:
        found = cast("Error", error.orig).diag
        return found.constraint_name or found.column_name
    return None


def remove(session: Session, row: Base) -> None:
    """Delete in the database alone: nothing that SQLAlchemy would cascade helps."""
    model = type(row)
    key = [column == getattr(row, column.key) for column in model.__table__.primary_key]
    session.execute(delete(model.__table__).where(*key))
    session.expire_all()


def count(session: Session, model: type[Base], /, **values: Any) -> int:
    return session.scalar(select(func.count()).select_from(model).filter_by(**values)) or 0
