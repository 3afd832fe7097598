"""What a job leaves in the tables, without the numbers that differ from run to run."""

from sqlalchemy import text
from sqlalchemy.orm import Session

# Table → columns that name the run rather than what was found.
OWN = {
    "products": ("id", "workspace_id", "job_id", "created_at", "updated_at"),
    "reviews": ("id", "workspace_id", "job_id", "product_id"),
    "daily_features": ("workspace_id", "product_id"),
    "refusals": ("id", "workspace_id", "job_id"),
    "uploads": ("id", "workspace_id", "user_id", "path", "created_at"),
}


def rows_of(session: Session, workspace: str) -> dict[str, list[str]]:
    """Return each table's rows of a workspace as JSON, in an order of their own."""
    return {table: _rows(session, table, own, workspace) for table, own in OWN.items()}


def _rows(session: Session, table: str, own: tuple[str, ...], workspace: str) -> list[str]:
    product = "product_id" in own
    named = "|| jsonb_build_object('product', p.external_id)" if product else ""
    joined = "JOIN products p ON p.id = t.product_id" if product else ""
    query = text(f"""
        SELECT ((to_jsonb(t) - CAST(:own AS text[])) {named})::text FROM {table} t {joined}
        JOIN workspaces w ON w.id = t.workspace_id WHERE w.name = :workspace
    """)
    return sorted(session.scalars(query, {"own": list(own), "workspace": workspace}))
