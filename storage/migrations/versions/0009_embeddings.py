"""Where the analyser places products."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("products", sa.Column("embedding", postgresql.ARRAY(sa.REAL()), nullable=True))
    op.create_check_constraint(op.f("ck_products_embedding"), "products", "array_ndims(embedding) = 1")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_products_embedding"), "products", type_="check")
    op.drop_column("products", "embedding")
