"""Since when a review is known to be suspect, and an account's reviews at hand."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reviews", sa.Column("suspect_since", sa.Date(), nullable=True))
    op.create_index(
        "ix_reviews_account",
        "reviews",
        ["workspace_id", "user_key"],
        unique=False,
        postgresql_where=sa.text("user_key <> ''"),
    )


def downgrade() -> None:
    op.drop_index("ix_reviews_account", table_name="reviews", postgresql_where=sa.text("user_key <> ''"))
    op.drop_column("reviews", "suspect_since")
