"""Rules that watch products, what they found, whom to tell, and what is to be told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

IDS = postgresql.ARRAY(sa.BigInteger())


def upgrade() -> None:
    op.create_table(
        "alert_rules",
        *_row("alert_rules"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("aspect", sa.Text(), server_default="", nullable=False),
        sa.Column("sensitivity", sa.Integer(), server_default="3", nullable=False),
        sa.Column("scope", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("destination_ids", IDS, server_default="{}", nullable=False),
        sa.Column("throttle_hours", sa.Integer(), server_default="24", nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_to", sa.Integer(), nullable=True),
        sa.Column("is_on", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("checked", sa.Text(), server_default="", nullable=False),
    )
    op.create_table(
        "destinations",
        *_row("destinations"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), server_default="zh", nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("sent", postgresql.ARRAY(sa.DateTime(timezone=True)), server_default="{}", nullable=False),
        sa.CheckConstraint(
            "kind IN ('wecom', 'dingtalk', 'feishu', 'email', 'webhook')", name=op.f("ck_destinations_kind")
        ),
    )
    _items()
    _messages()
    for table in ("alert_rules", "destinations", "messages"):
        op.create_index(op.f(f"ix_{table}_workspace_id"), table, ["workspace_id"])


def downgrade() -> None:
    for table in ("messages", "alert_items", "destinations", "alert_rules"):
        op.drop_table(table)


def _items() -> None:
    op.create_table(
        "alert_items",
        *_row("alert_items"),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("rule_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("aspect", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("first_seen", sa.Date(), nullable=False),
        sa.Column("last_seen", sa.Date(), nullable=False),
        sa.Column("times", sa.Integer(), server_default="1", nullable=False),
        sa.Column("figures", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("strength", sa.Float(), server_default="0", nullable=False),
        sa.Column("units_lost", sa.Float(), nullable=True),
        sa.Column("evidence", IDS, server_default="{}", nullable=False),
        sa.Column("resolved_on", sa.Date(), nullable=True),
        sa.Column("effect", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        _reference("alert_items", "product_id", "products", "CASCADE"),
        _reference("alert_items", "rule_id", "alert_rules", "SET NULL"),
        sa.UniqueConstraint(
            "workspace_id",
            "product_id",
            "kind",
            "aspect",
            name=op.f("uq_alert_items_workspace_id_product_id_kind_aspect"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'acknowledged', 'fixing', 'resolved', 'ignored')",
            name=op.f("ck_alert_items_state"),
        ),
    )
    op.create_index(op.f("ix_alert_items_product_id"), "alert_items", ["product_id"])
    op.create_index(
        "ix_alert_items_ranked",
        "alert_items",
        ["workspace_id", "state", sa.text("units_lost DESC NULLS LAST")],
    )


def _messages() -> None:
    op.create_table(
        "messages",
        *_row("messages"),
        sa.Column("destination_id", sa.BigInteger(), nullable=False),
        sa.Column("body", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        _reference("messages", "destination_id", "destinations", "CASCADE"),
    )
    op.create_index("ix_messages_destination", "messages", ["destination_id"])
    op.create_index(
        "ix_messages_due", "messages", ["not_before"], postgresql_where=sa.text("ended_at IS NULL")
    )


def _row(table: str) -> list[sa.Column | sa.Constraint]:
    return [
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("workspace_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        _reference(table, "workspace_id", "workspaces", "CASCADE"),
    ]


def _reference(table: str, column: str, other: str, ondelete: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=ondelete)
