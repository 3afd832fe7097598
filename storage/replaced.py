"""What an import writes over is kept first, so that it can come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, cast, delete, func, text, update
from sqlalchemy.orm import Session

from storage.locks import hold
from storage.models import ReplacedRow


@dataclass(frozen=True)
class Rows:
    """A table whose rows imports may write over.

    Attributes
    ----------
    key
        Columns that name a row within its workspace.
    values
        Columns that an import sets.
    product
        Which product a row is of, in SQL.
    """

    key: tuple[str, ...]
    values: tuple[str, ...]
    product: str

    def key_of(self, alias: str) -> str:
        """Return SQL for the key as it is kept."""
        return f"jsonb_build_array({', '.join(f'{alias}.{name}' for name in self.key)})::text"

    def joined(self, one: str, other: str) -> str:
        """Return SQL for two rows being the same."""
        return " AND ".join(f"{one}.{name} = {other}.{name}" for name in self.key)


NUMBERS = ("units", "revenue", "price", "promo", "stockout", "views", "visitors", "carts")
TABLES: Mapping[str, Rows] = {
    "sales": Rows(("product_id", "day"), (*NUMBERS, "extra", "from_orders"), "sales.product_id"),
    "order_lines": Rows(
        ("order_id", "product_id", "line_no"),
        ("ordered_at", "day", "quantity", "unit_price", "customer_id"),
        "order_lines.product_id",
    ),
    "exog_columns": Rows(("name",), ("role",), "CAST(NULL AS bigint)"),
    "products": Rows(
        ("external_id",),
        ("title", "description", "category", "brand", "shop", "price", "launched_at"),
        "products.id",
    ),
}


def lock_rows(session: Session, workspace_id: int) -> None:
    """Let one transaction of a workspace at a time change rows that are kept here."""
    hold(session, f"rows {workspace_id}")


def keep(
    session: Session,
    workspace_id: int,
    job_id: UUID | None,
    kind: str,
    given: str,
    changed: str,
    parameters: Mapping[str, Any] | None = None,
) -> None:
    """Keep those rows that an import is about to change, as they are now; once for each import and row.

    Parameters
    ----------
    job_id
        The import; without one nothing is kept.
    kind
        One of `TABLES`.
    given, changed
        SQL: the rows to be written, and when one of them, as `excluded`, changes the row that is there.
    parameters
        Further parameters of `given`.
    """
    if job_id is None:
        return
    lock_rows(session, workspace_id)
    rows = TABLES[kind]
    held = ", ".join(f"'{name}', {kind}.{name}" for name in (*rows.key, *rows.values))
    session.execute(
        text(f"""
        INSERT INTO replaced_rows (workspace_id, job_id, product_id, was_job_id, kind, key, before)
        SELECT :workspace, CAST(:job AS uuid), {rows.product}, {kind}.job_id, '{kind}',
            {rows.key_of(kind)}, jsonb_build_object({held})
        FROM ({given}) AS excluded JOIN {kind} ON {rows.joined(kind, "excluded")}
        WHERE {kind}.workspace_id = :workspace AND {kind}.job_id IS DISTINCT FROM CAST(:job AS uuid)
            AND ({changed})
        ON CONFLICT DO NOTHING
        """),  # noqa: S608  (names are our own)
        {"workspace": workspace_id, "job": job_id, **(parameters or {})},
    )


def unname(session: Session, workspace_id: int, customer: str) -> int:
    """Take a customer's name off the order lines that are kept; return how many."""
    return _unname(session, workspace_id, ReplacedRow.before["customer_id"].astext == customer)


def unname_before(session: Session, workspace_id: int, before: datetime) -> int:
    """Take the names of customers off kept order lines of orders older than `before`; return how many."""
    ordered = cast(ReplacedRow.before["ordered_at"].astext, DateTime(timezone=True))
    return _unname(session, workspace_id, ReplacedRow.before["customer_id"].astext != "", ordered < before)


def forget(session: Session, workspace_id: int, job_id: UUID) -> None:
    """Drop what is kept of an import."""
    session.execute(
        delete(ReplacedRow)
        .where(ReplacedRow.workspace_id == workspace_id, ReplacedRow.job_id == job_id)
        .execution_options(synchronize_session=False)
    )


def _unname(session: Session, workspace_id: int, *which: Any) -> int:
    done: Any = session.execute(
        update(ReplacedRow)
        .where(ReplacedRow.workspace_id == workspace_id, ReplacedRow.kind == "order_lines", *which)
        .values(before=ReplacedRow.before.op("||")(func.jsonb_build_object("customer_id", "")))
        .execution_options(synchronize_session=False)
    )
    return int(done.rowcount)
