"""Digests of products, and the jobs that make them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KINDS = (
    "'import_reviews', 'import_products', 'import_sales', 'import_orders', "
    "'score', 'analyze', 'train', 'refresh'"
)
STAGES = "'import', 'score', 'daily', 'analyze', 'train', 'forecast'"
SINGLE = "'score', 'train', 'refresh'"


def upgrade() -> None:
    op.create_table(
        "product_digests",
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("stamp", sa.Text(), nullable=False),
        sa.Column("digest", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_digests_product_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_product_digests_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_product_digests")),
    )
    op.create_index(op.f("ix_product_digests_workspace_id"), "product_digests", ["workspace_id"])
    _allow(f"{KINDS}, 'digest'", f"{STAGES}, 'digest'", f"{SINGLE}, 'digest'")


def downgrade() -> None:
    op.execute("DELETE FROM jobs WHERE kind = 'digest'")
    _allow(KINDS, STAGES, SINGLE)
    op.drop_table("product_digests")


def _allow(kinds: str, stages: str, single: str) -> None:
    """Say which jobs and chunks there may be, and of which kinds of job only one waits."""
    for table, column, values in (("jobs", "kind", kinds), ("chunks", "stage", stages)):
        name = op.f(f"ck_{table}_{column}")
        op.drop_constraint(name, table, type_="check")
        op.create_check_constraint(name, table, f"{column} IN ({values})")
    op.drop_index("uq_jobs_waiting", table_name="jobs")
    op.create_index(
        "uq_jobs_waiting",
        "jobs",
        ["workspace_id", "kind"],
        unique=True,
        postgresql_where=sa.text(f"state = 'queued' AND kind IN ({single})"),
    )
