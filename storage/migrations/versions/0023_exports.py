"""Frozen reports, files made of them, links that show them, weekly ones; and the jobs that make files."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

KINDS = (
    "'import_reviews', 'import_products', 'import_sales', 'import_orders', "
    "'score', 'analyze', 'train', 'refresh', 'digest', 'undo'"
)
STAGES = "'import', 'score', 'suspects', 'daily', 'analyze', 'train', 'forecast', 'digest', 'undo'"
FORMATS = "format IN ('xlsx', 'pdf')"


def upgrade() -> None:
    op.create_table(
        "snapshots",
        *_row("snapshots"),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        _to("snapshots", "product_id", "products", "CASCADE"),
        _to("snapshots", "created_by", "users", "SET NULL"),
    )
    op.create_table(
        "subscriptions",
        *_row("subscriptions"),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=True),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("sent_for", sa.Date(), nullable=True),
        _to("subscriptions", "user_id", "users", "CASCADE"),
        _to("subscriptions", "product_id", "products", "CASCADE"),
        sa.CheckConstraint(FORMATS, name=op.f("ck_subscriptions_format")),
        sa.UniqueConstraint(
            "user_id",
            "workspace_id",
            "product_id",
            name=op.f("uq_subscriptions_user_id_workspace_id_product_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "exports",
        *_row("exports"),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=True),
        sa.Column("snapshot_id", sa.BigInteger(), nullable=True),
        sa.Column("subscription_id", sa.BigInteger(), nullable=True),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), server_default="", nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.Text(), server_default="", nullable=False),
        _to("exports", "job_id", "jobs", "CASCADE"),
        _to("exports", "product_id", "products", "CASCADE"),
        _to("exports", "snapshot_id", "snapshots", "CASCADE"),
        _to("exports", "subscription_id", "subscriptions", "SET NULL"),
        sa.CheckConstraint(FORMATS, name=op.f("ck_exports_format")),
        sa.UniqueConstraint("job_id", name=op.f("uq_exports_job_id")),
    )
    op.create_table(
        "shares",
        *_row("shares"),
        sa.Column("snapshot_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        _to("shares", "snapshot_id", "snapshots", "CASCADE"),
        _to("shares", "created_by", "users", "SET NULL"),
        sa.UniqueConstraint("token_hash", name=op.f("uq_shares_token_hash")),
    )
    for table in ("snapshots", "subscriptions", "exports", "shares"):
        op.create_index(op.f(f"ix_{table}_workspace_id"), table, ["workspace_id"])
    op.create_index("ix_snapshots_product", "snapshots", ["product_id"])
    op.create_index("ix_exports_product", "exports", ["product_id"])
    op.create_index(op.f("ix_subscriptions_product_id"), "subscriptions", ["product_id"])
    op.create_index(op.f("ix_exports_snapshot_id"), "exports", ["snapshot_id"])
    op.create_index(op.f("ix_shares_snapshot_id"), "shares", ["snapshot_id"])
    _allow(f"{KINDS}, 'export'", f"{STAGES}, 'export'")


def downgrade() -> None:
    op.execute("DELETE FROM jobs WHERE kind = 'export'")
    _allow(KINDS, STAGES)
    for table in ("shares", "exports", "subscriptions", "snapshots"):
        op.drop_table(table)


def _allow(kinds: str, stages: str) -> None:
    """Say which jobs and chunks there may be."""
    for table, column, values in (("jobs", "kind", kinds), ("chunks", "stage", stages)):
        name = op.f(f"ck_{table}_{column}")
        op.drop_constraint(name, table, type_="check")
        op.create_check_constraint(name, table, f"{column} IN ({values})")


def _to(table: str, column: str, target: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)


def _row(table: str) -> list[sa.Column | sa.Constraint]:
    return [
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        _to(table, "workspace_id", "workspaces", "CASCADE"),
    ]
