"""Words of a workspace's own."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dictionary_words",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="keep", nullable=False),
        sa.Column("weight", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('keep', 'split')", name=op.f("ck_dictionary_words_kind")),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_dictionary_words_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_dictionary_words_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dictionary_words")),
    )
    op.create_index(op.f("ix_dictionary_words_workspace_id"), "dictionary_words", ["workspace_id"])
    op.create_index(
        "uq_dictionary_words_word",
        "dictionary_words",
        ["workspace_id", sa.literal_column("lower(word)")],
        unique=True,
    )


def downgrade() -> None:
    op.drop_table("dictionary_words")
