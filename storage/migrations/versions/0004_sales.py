"""Sales, order lines, declared columns, daily features."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exog_columns",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.CheckConstraint("role IN ('future', 'past')", name=op.f("ck_exog_columns_role")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_exog_columns_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "name", name=op.f("pk_exog_columns")),
    )
    op.create_table(
        "daily_features",
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("reviews", sa.Double(), nullable=False),
        sa.Column("sentiment_mean", sa.Double(), nullable=True),
        sa.Column("sentiment_std", sa.Double(), nullable=True),
        sa.Column("negative_share", sa.Double(), nullable=True),
        sa.Column("positive_share", sa.Double(), nullable=True),
        sa.Column("rating_mean", sa.Double(), nullable=True),
        sa.Column("length_mean", sa.Double(), nullable=True),
        sa.Column("suspect_share", sa.Double(), nullable=True),
        sa.Column("smooth", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_daily_features_product_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_daily_features_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("product_id", "day", name=op.f("pk_daily_features")),
    )
    op.create_index(op.f("ix_daily_features_workspace_id"), "daily_features", ["workspace_id"], unique=False)
    op.create_table(
        "order_lines",
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.Text(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("quantity", sa.Double(), nullable=False),
        sa.Column("unit_price", sa.Double(), nullable=True),
        sa.Column("customer_id", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_order_lines_product_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_order_lines_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "order_id", "product_id", "line_no", name=op.f("pk_order_lines")
        ),
    )
    op.create_index("ix_order_lines_product_day", "order_lines", ["product_id", "day"], unique=False)
    op.create_table(
        "sales",
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.Double(), nullable=True),
        sa.Column("revenue", sa.Double(), nullable=True),
        sa.Column("price", sa.Double(), nullable=True),
        sa.Column("promo", sa.Double(), nullable=True),
        sa.Column("stockout", sa.Double(), nullable=True),
        sa.Column("views", sa.Double(), nullable=True),
        sa.Column("visitors", sa.Double(), nullable=True),
        sa.Column("carts", sa.Double(), nullable=True),
        sa.Column("extra", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("from_orders", sa.Boolean(), server_default="false", nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_sales_product_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_sales_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", "day", name=op.f("pk_sales")),
    )
    op.create_index("ix_sales_workspace_day", "sales", ["workspace_id", "day"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_sales_workspace_day", table_name="sales")
    op.drop_table("sales")
    op.drop_index("ix_order_lines_product_day", table_name="order_lines")
    op.drop_table("order_lines")
    op.drop_index(op.f("ix_daily_features_workspace_id"), table_name="daily_features")
    op.drop_table("daily_features")
    op.drop_table("exog_columns")
