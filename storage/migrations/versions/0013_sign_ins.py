"""Sessions as rows, invitations, password links, second factors, scopes, and who may read reviews."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "workspaces", sa.Column("viewers_read_texts", sa.Boolean(), server_default="true", nullable=False)
    )
    op.add_column("users", sa.Column("totp_secret", sa.Text(), nullable=True))
    op.add_column("users", sa.Column("totp_step", sa.BigInteger(), nullable=True))
    op.add_column(
        "api_tokens",
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )
    op.create_table(
        "sign_ins",
        *_row(),
        _key("user_id", "users", "sign_ins"),
        sa.Column("seal", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("agent", sa.Text(), server_default="", nullable=False),
        *_keys("sign_ins"),
    )
    op.create_table(
        "invitations",
        *_row(),
        _key("workspace_id", "workspaces", "invitations"),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        *_life(),
        sa.CheckConstraint("role IN ('owner', 'analyst', 'viewer')", name=op.f("ck_invitations_role")),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_invitations_created_by"), ondelete="SET NULL"
        ),
        *_keys("invitations"),
    )
    op.create_table(
        "password_resets",
        *_row(),
        _key("user_id", "users", "password_resets"),
        *_life(),
        *_keys("password_resets"),
    )
    op.create_index(op.f("ix_sign_ins_user_id"), "sign_ins", ["user_id"])
    op.create_index(op.f("ix_invitations_workspace_id"), "invitations", ["workspace_id"])
    op.create_index(op.f("ix_password_resets_user_id"), "password_resets", ["user_id"])


def downgrade() -> None:
    for table in ("password_resets", "invitations", "sign_ins"):
        op.drop_table(table)
    op.drop_column("api_tokens", "scopes")
    op.drop_column("users", "totp_step")
    op.drop_column("users", "totp_secret")
    op.drop_column("workspaces", "viewers_read_texts")


def _row() -> list[sa.Column]:
    return [
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    ]


def _life() -> list[sa.Column]:
    return [
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
    ]


def _key(name: str, of: str, table: str) -> sa.Column:
    reference = sa.ForeignKey(f"{of}.id", name=op.f(f"fk_{table}_{name}"), ondelete="CASCADE")
    return sa.Column(name, sa.BigInteger(), reference, nullable=False)


def _keys(table: str) -> list[sa.Constraint]:
    return [
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("token_hash", name=op.f(f"uq_{table}_token_hash")),
    ]
