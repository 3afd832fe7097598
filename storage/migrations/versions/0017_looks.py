"""How a user wants the pages to look."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("theme", sa.Text(), server_default="auto", nullable=False))
    op.add_column("users", sa.Column("rise", sa.Text(), server_default="red", nullable=False))
    op.create_check_constraint(op.f("ck_users_theme"), "users", "theme IN ('auto', 'light', 'dark')")
    op.create_check_constraint(op.f("ck_users_rise"), "users", "rise IN ('red', 'green')")


def downgrade() -> None:
    op.drop_column("users", "rise")
    op.drop_column("users", "theme")
