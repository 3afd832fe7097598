"""Links of invitations and passwords that wait, sealed, to be mailed."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

TABLES = ("invitations", "password_resets")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("letter", sa.Text(), server_default="", nullable=False))
        op.add_column(table, sa.Column("mail_attempts", sa.Integer(), server_default="0", nullable=False))
        op.add_column(table, sa.Column("mail_error", sa.Text(), server_default="", nullable=False))
        moment = sa.DateTime(timezone=True)
        op.add_column(table, sa.Column("mail_after", moment, server_default=sa.text("now()"), nullable=False))
        op.add_column(table, sa.Column("mailed_at", moment, nullable=True))


def downgrade() -> None:
    for table in TABLES:
        for column in ("mailed_at", "mail_after", "mail_error", "mail_attempts", "letter"):
            op.drop_column(table, column)
