"""An import is taken back: what it added goes, what it wrote over comes back as it was.

A row that another import changed since stays as that one left it; should that import be undone too, what
comes back is what was there before both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from storage.errors import Conflict
from storage.jobs import ACTIVE, create_job, lock_job
from storage.models import IMPORT_KINDS, Job, Product, ReplacedRow, Review
from storage.replaced import TABLES, forget, lock_rows

IN_USE = {
    "exog_columns": """EXISTS (SELECT FROM sales WHERE sales.workspace_id = :workspace
        AND jsonb_exists(sales.extra, exog_columns.name))""",
    "products": """EXISTS (SELECT FROM reviews WHERE reviews.product_id = products.id)
        OR EXISTS (SELECT FROM sales WHERE sales.product_id = products.id AND NOT sales.from_orders)
        OR EXISTS (SELECT FROM order_lines WHERE order_lines.product_id = products.id)""",
}
"""When a row that an import added must stay: what others brought in needs it."""


@dataclass(frozen=True)
class Toll:
    """What an undo would do to a table: rows that would go, come back as they were, or be kept for others."""

    removed: int = 0
    restored: int = 0
    kept: int = 0


@dataclass(frozen=True)
class Step:
    """What a part of an undo did.

    Attributes
    ----------
    counts
        ``reviews_removed``, ``sales_restored`` … to how many.
    touched
        Products whose days are to be made anew.
    unread
        Products whose texts are to be read anew.
    """

    counts: dict[str, int] = field(default_factory=dict)
    touched: list[int] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows it was about."""
        return sum(self.counts.values())


def undo_of(session: Session, workspace_id: int, job_id: UUID) -> Job | None:
    """Return the job that undoes an import, None while nobody asked for it."""
    undoes = Job.params["undoes"].astext == str(job_id)
    return session.scalar(select(Job).where(Job.workspace_id == workspace_id, Job.kind == "undo", undoes))


def ask_undo(session: Session, workspace_id: int, job_id: UUID, user_id: int | None = None) -> Job:
    """Write down the job that undoes an import, once: asking again returns the same.

    Raises
    ------
    NotFound
        There is no such job.
    Conflict
        It is no import, or has not ended.
    """
    job = lock_job(session, workspace_id, job_id)
    if job.kind not in IMPORT_KINDS:
        raise Conflict(f"only imports can be undone, job {job_id} is of kind {job.kind}")
    if job.state in ACTIVE:
        raise Conflict(f"job {job_id} has not ended: cancel it first, then undo it")
    asked = undo_of(session, workspace_id, job_id)
    if asked is not None:
        return asked
    tolls = foresee(session, workspace_id, job_id)
    total = sum(toll.removed + toll.restored + toll.kept for toll in tolls.values())
    return create_job(
        session, workspace_id, "undo", user_id=user_id, params={"undoes": str(job_id)}, total=total
    )


def foresee(session: Session, workspace_id: int, job_id: UUID) -> dict[str, Toll]:
    """Count what undoing an import would do, by table; `changed` counts what other imports changed since."""
    here = (Review.workspace_id == workspace_id, Review.job_id == job_id)
    reviews = session.scalar(select(func.count()).select_from(Review).where(*here)) or 0
    tolls = {"reviews": Toll(removed=reviews)}
    tolls |= {kind: _foresee(session, workspace_id, job_id, kind) for kind in TABLES}
    later = (ReplacedRow.workspace_id == workspace_id, ReplacedRow.was_job_id == job_id)
    changed = session.scalar(select(func.count()).select_from(ReplacedRow).where(*later)) or 0
    return tolls | {"changed": Toll(kept=changed)}


def take_back(session: Session, workspace_id: int, job_id: UUID, limit: int) -> Step:
    """Undo a part of an import in the session's transaction; a step of no rows says that all is done.

    Parameters
    ----------
    limit
        Rows at most.
    """
    lock_rows(session, workspace_id)
    step = _reviews(session, workspace_id, job_id, limit)
    for kind in TABLES:
        if not step.rows:
            step = _rows(session, workspace_id, job_id, kind, limit)
    if not step.rows:
        step = _hand_on(session, workspace_id, job_id, limit)
    if not step.rows:
        forget(session, workspace_id, job_id)
    session.expire_all()
    return step


def existing(session: Session, workspace_id: int, product_ids: list[int]) -> list[int]:
    """Return those of some products that are still there."""
    query = select(Product.id).where(Product.workspace_id == workspace_id, Product.id.in_(product_ids))
    return sorted(session.scalars(query))


def _foresee(session: Session, workspace_id: int, job_id: UUID, kind: str) -> Toll:
    sql = text(f"""
        SELECT count(*) FILTER (WHERE old IS NULL AND NOT used), count(old),
            count(*) FILTER (WHERE old IS NULL AND used)
        FROM (
            SELECT old.id AS old, old.id IS NULL AND ({_in_use_by_others(kind)}) AS used
            FROM {kind} LEFT JOIN LATERAL ({_kept_of(kind, kind)}) AS old ON true
            WHERE {kind}.workspace_id = :workspace AND {kind}.job_id = CAST(:job AS uuid)
        ) AS mine
    """)  # noqa: S608  (names are our own)
    return Toll(*session.execute(sql, {"workspace": workspace_id, "job": job_id}).one())


def _kept_of(kind: str, alias: str) -> str:
    """Return SQL for the id of what is kept of a row.

    The limit has it looked up in the index, row by row: just after an import PostgreSQL takes what is kept of
    it for a row or two, and would compare all that is kept with each row of the import.
    """
    return f"""
        SELECT kept.id FROM replaced_rows AS kept WHERE kept.workspace_id = :workspace
            AND kept.job_id = CAST(:job AS uuid) AND kept.kind = '{kind}'
            AND kept.key = {TABLES[kind].key_of(alias)} LIMIT 1"""  # noqa: S608  (names are our own)


def _in_use_by_others(kind: str) -> str:
    """Return SQL for what `IN_USE` will say once the rows of the import are gone from the other tables."""
    used = IN_USE.get(kind, "false")
    for table in ("reviews", "sales", "order_lines"):
        mine = f"FROM {table} WHERE {table}.job_id IS DISTINCT FROM CAST(:job AS uuid) AND "
        used = used.replace(f"FROM {table} WHERE ", mine)
    return used


def _reviews(session: Session, workspace_id: int, job_id: UUID, limit: int) -> Step:
    gone = session.execute(
        text("""
        DELETE FROM reviews WHERE workspace_id = :workspace AND (id, day) IN (
            SELECT id, day FROM reviews WHERE workspace_id = :workspace AND job_id = CAST(:job AS uuid)
            LIMIT :limit
        ) RETURNING product_id
        """),
        {"workspace": workspace_id, "job": job_id, "limit": limit},
    )
    product_ids = list(gone.scalars())
    return Step(_counted("reviews", removed=len(product_ids)), sorted(set(product_ids)))


def _rows(session: Session, workspace_id: int, job_id: UUID, kind: str, limit: int) -> Step:
    """Restore or remove some rows that bear the import's id; what others need only loses the id."""
    rows, used = TABLES[kind], IN_USE.get(kind, "false")
    assigned = ", ".join(f"{name} = was.{name}" for name in rows.values)
    reread = "false"
    if kind == "products":
        reread = "products.scored_by IS NULL"
        differs = "(products.title, products.description) IS DISTINCT FROM (was.title, was.description)"
        assigned += (
            f", updated_at = now(), scored_by = CASE WHEN {differs} THEN NULL ELSE products.scored_by END"
        )
    found = session.execute(
        text(f"""
        WITH mine AS MATERIALIZED (
            SELECT {", ".join(rows.key)} FROM {kind}
            WHERE workspace_id = :workspace AND job_id = CAST(:job AS uuid) LIMIT :limit FOR UPDATE
        ), found AS MATERIALIZED (
            SELECT mine.*, old.id AS old FROM mine LEFT JOIN LATERAL ({_kept_of(kind, "mine")}) AS old ON true
        ), old AS (
            DELETE FROM replaced_rows WHERE workspace_id = :workspace AND id IN (SELECT old FROM found)
            RETURNING was_job_id, before
        ), restored AS (
            UPDATE {kind} SET {assigned}, job_id = old.was_job_id
            FROM old, jsonb_populate_record(CAST(NULL AS {kind}), old.before) AS was
            WHERE {kind}.workspace_id = :workspace AND {rows.joined(kind, "was")}
            RETURNING {rows.product} AS product_id, {reread} AS unread
        ), added AS (
            SELECT * FROM found WHERE old IS NULL
        ), removed AS (
            DELETE FROM {kind} USING added WHERE {kind}.workspace_id = :workspace
                AND {rows.joined(kind, "added")} AND NOT ({used})
            RETURNING {rows.product} AS product_id
        ), kept AS (
            UPDATE {kind} SET job_id = NULL FROM added WHERE {kind}.workspace_id = :workspace
                AND {rows.joined(kind, "added")} AND ({used}) RETURNING 1
        )
        SELECT (SELECT count(*) FROM removed) AS removed, (SELECT count(*) FROM restored) AS restored,
            (SELECT count(*) FROM kept) AS kept,
            ARRAY(SELECT product_id FROM removed UNION SELECT product_id FROM restored) AS touched,
            ARRAY(SELECT product_id FROM restored WHERE unread) AS unread
        """),  # noqa: S608  (names are our own)
        {"workspace": workspace_id, "job": job_id, "limit": limit},
    ).one()
    touched = [product_id for product_id in found.touched if product_id is not None]
    counts = _counted(kind, removed=found.removed, restored=found.restored, kept=found.kept)
    return Step(counts, touched, list(found.unread))


def _hand_on(session: Session, workspace_id: int, job_id: UUID, limit: int) -> Step:
    """Give what this import wrote over to those that wrote over it: undone, they bring that back."""
    found = session.execute(
        text("""
        WITH later AS MATERIALIZED (
            SELECT id, kind, key FROM replaced_rows
            WHERE workspace_id = :workspace AND was_job_id = CAST(:job AS uuid) LIMIT :limit FOR UPDATE
        ), paired AS MATERIALIZED (
            SELECT later.id, ours.id AS ours, ours.before, ours.was_job_id
            FROM later LEFT JOIN LATERAL (
                SELECT * FROM replaced_rows AS kept WHERE kept.workspace_id = :workspace
                    AND kept.job_id = CAST(:job AS uuid) AND kept.kind = later.kind AND kept.key = later.key
                LIMIT 1
            ) AS ours ON true
        ), handed AS (
            UPDATE replaced_rows AS theirs SET before = paired.before, was_job_id = paired.was_job_id
            FROM paired WHERE theirs.id = paired.id AND theirs.workspace_id = :workspace AND ours IS NOT NULL
        ), dropped AS (
            DELETE FROM replaced_rows AS theirs USING paired
            WHERE theirs.id = paired.id AND theirs.workspace_id = :workspace AND ours IS NULL
        )
        SELECT count(*) FROM later
        """),
        {"workspace": workspace_id, "job": job_id, "limit": limit},
    )
    return Step(_counted("changed", kept=found.scalar_one()))


def _counted(table: str, **counts: Any) -> dict[str, int]:
    return {f"{table}_{what}": count for what, count in counts.items() if count}
