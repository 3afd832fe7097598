"""A bound session reads and writes the rows of one workspace alone, whatever a query forgets to say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, TypeVar

from sqlalchemy import TextClause, event
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction, sessionmaker, with_loader_criteria

from storage.errors import ForeignRow, NotFound
from storage.models import Base, Owned

BOUND = "workspace_id"
CONDITION = "condition"
PARAMETER = "workspace"

Row = TypeVar("Row", bound=Owned)


@dataclass(frozen=True)
class Sessions:
    """Opens sessions that are bound to one workspace, as a `sessionmaker` opens free ones."""

    factory: sessionmaker[Session]
    workspace_id: int

    def __call__(self) -> Session:
        """Open a bound session."""
        return bind(self.factory(), self.workspace_id)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Open a bound session and a transaction that is committed at the end."""
        with self() as session, session.begin():
            yield session


def bind(session: Session, workspace_id: int) -> Session:
    """Restrict a session to a workspace for the rest of its life; binding it again must name the same.

    Selects, updates and deletes of the tables that workspaces own get the condition added. SQL written
    by hand must carry the workspace as its parameter `workspace`. Objects of others are not flushed.

    Raises
    ------
    ForeignRow
        The session belongs to another workspace.
    """
    bound = session.info.get(BOUND)
    if bound is None:
        session.info[BOUND] = workspace_id
        event.listen(session, "do_orm_execute", _restrict)
        event.listen(session, "before_flush", _check_flush)
    elif bound != workspace_id:
        raise ForeignRow(f"a session of workspace {bound} cannot serve workspace {workspace_id}")
    return session


def own(session: Session, workspace_id: int, kind: type[Row], key: object, what: str) -> Row:
    """Return a row of a workspace by its key, or raise `NotFound`, which calls it `what`."""
    row = session.get(kind, key)
    if row is None or row.workspace_id != workspace_id:
        raise NotFound(what, key)
    return row


def bound_to(session: Session) -> int | None:
    """Return the workspace a session is restricted to, None for a free one."""
    found: int | None = session.info.get(BOUND)
    return found


@cache
def owned_tables() -> frozenset[str]:
    """Return the names of the tables whose rows belong to one workspace each."""
    models: list[Any] = [mapper.class_ for mapper in Base.registry.mappers]
    return frozenset(str(model.__tablename__) for model in models if issubclass(model, Owned))


@lru_cache(maxsize=1000)
def names_owned(sql: str) -> bool:
    """Tell whether SQL reads or writes a table that workspaces own; lending its columns does not count."""
    if sql.lstrip().startswith("CREATE TEMP TABLE"):
        return False
    tables = "|".join(sorted(owned_tables()))
    return re.search(rf"(?:\b(?:FROM|JOIN|UPDATE|INTO)|,)\s+({tables})\b", sql, re.IGNORECASE) is not None


def _restrict(state: ORMExecuteState) -> None:
    workspace_id: int = state.session.info[BOUND]
    if isinstance(state.statement, TextClause):
        _check_sql(state.statement.text, state.parameters, workspace_id)
    elif not state.is_orm_statement:
        _check_sql(str(state.statement), state.parameters, workspace_id)
    elif state.is_update and isinstance(state.parameters, list):
        raise ForeignRow("rows of a workspace are not updated in bulk by their ids")
    elif state.is_select or state.is_update or state.is_delete:
        state.statement = state.statement.options(_condition(state.session, workspace_id))


def _condition(session: Session, workspace_id: int) -> Any:
    """Return what restricts a statement, made once a session."""
    if CONDITION not in session.info:
        session.info[CONDITION] = with_loader_criteria(
            Owned, lambda row: row.workspace_id == workspace_id, include_aliases=True
        )
    return session.info[CONDITION]


def _check_sql(sql: str, parameters: Any, workspace_id: int) -> None:
    """Refuse SQL past the mapper that names a table of workspaces and not this workspace."""
    if not names_owned(sql):
        return
    rows = parameters if isinstance(parameters, list) else [parameters or {}]
    named = {row.get(PARAMETER) for row in rows}
    if named != {workspace_id}:
        raise ForeignRow(f"a query of workspace {workspace_id} names {named} as its workspace: {sql[:80]}")


def _check_flush(session: Session, _context: UOWTransaction, _instances: object) -> None:
    workspace_id = session.info[BOUND]
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, Owned) and row.workspace_id != workspace_id:
            kind = type(row).__name__
            raise ForeignRow(f"a {kind} of workspace {row.workspace_id} in a session of {workspace_id}")
