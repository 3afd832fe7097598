"""Where somebody's weekly report is told of."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("destination_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_subscriptions_destination_id"),
        "subscriptions",
        "destinations",
        ["destination_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_index(op.f("ix_subscriptions_destination_id"), "subscriptions", ["destination_id"])


def downgrade() -> None:
    op.drop_column("subscriptions", "destination_id")
