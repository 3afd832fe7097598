"""A product's days are counted from the index alone, without a look at each of its reviews."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

INCLUDED = ["workspace_id", "label", "score", "is_suspect"]


def upgrade() -> None:
    op.drop_index("ix_reviews_product_day", table_name="reviews")
    op.create_index("ix_reviews_product_day", "reviews", ["product_id", "day"], postgresql_include=INCLUDED)


def downgrade() -> None:
    op.drop_index("ix_reviews_product_day", table_name="reviews", postgresql_include=INCLUDED)
    op.create_index("ix_reviews_product_day", "reviews", ["product_id", "day"])
