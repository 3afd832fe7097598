"""What imports write over is kept, and each row names the import that wrote it last: one can be undone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

KINDS = (
    "'import_reviews', 'import_products', 'import_sales', 'import_orders', "
    "'score', 'analyze', 'train', 'refresh', 'digest'"
)
STAGES = "'import', 'score', 'daily', 'analyze', 'train', 'forecast', 'digest'"
WRITTEN = ("products", "sales", "order_lines")


def upgrade() -> None:
    for table in (*WRITTEN, "exog_columns"):
        op.add_column(table, sa.Column("job_id", sa.Uuid(), nullable=True))
    for table in WRITTEN:
        op.create_index(f"ix_{table}_job", table, ["job_id"], postgresql_where=sa.text("job_id IS NOT NULL"))
    op.create_table(
        "replaced_rows",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=True),
        sa.Column("was_job_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint(
            "kind IN ('sales', 'order_lines', 'exog_columns', 'products')", name=op.f("ck_replaced_rows_kind")
        ),
        *(
            sa.ForeignKeyConstraint(
                [f"{parent}_id"],
                [f"{parent}s.id"],
                name=op.f(f"fk_replaced_rows_{parent}_id"),
                ondelete="CASCADE",
            )
            for parent in ("workspace", "job", "product")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replaced_rows")),
        sa.UniqueConstraint("job_id", "kind", "key", name=op.f("uq_replaced_rows_job_id_kind_key")),
    )
    op.create_index(op.f("ix_replaced_rows_product_id"), "replaced_rows", ["product_id"])
    op.create_index(
        "ix_replaced_rows_was",
        "replaced_rows",
        ["was_job_id"],
        postgresql_where=sa.text("was_job_id IS NOT NULL"),
    )
    _allow(f"{KINDS}, 'undo'", f"{STAGES}, 'undo'")


def downgrade() -> None:
    op.execute("DELETE FROM jobs WHERE kind = 'undo'")
    op.execute("DELETE FROM chunks WHERE stage = 'undo'")
    _allow(KINDS, STAGES)
    op.drop_table("replaced_rows")
    for table in WRITTEN:
        op.drop_index(f"ix_{table}_job", table_name=table)
    for table in (*WRITTEN, "exog_columns"):
        op.drop_column(table, "job_id")


def _allow(kinds: str, stages: str) -> None:
    """Say which jobs and chunks there may be."""
    for table, column, values in (("jobs", "kind", kinds), ("chunks", "stage", stages)):
        name = op.f(f"ck_{table}_{column}")
        op.drop_constraint(name, table, type_="check")
        op.create_check_constraint(name, table, f"{column} IN ({values})")
