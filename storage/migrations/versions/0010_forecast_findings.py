"""What a training finds beside errors, whether sales will rise, and models of parts and in the shadow."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB()


def upgrade() -> None:
    op.add_column("backtests", sa.Column("findings", JSON, server_default="{}", nullable=False))
    op.add_column("forecast_runs", sa.Column("direction", JSON, nullable=True))
    op.add_column("forecast_runs", sa.Column("warnings", JSON, server_default="[]", nullable=False))
    op.add_column("forecast_models", sa.Column("part", sa.Integer(), server_default="0", nullable=False))
    op.add_column("forecast_models", sa.Column("role", sa.Text(), server_default="champion", nullable=False))
    op.create_check_constraint(
        op.f("ck_forecast_models_role"), "forecast_models", "role IN ('champion', 'challenger')"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_forecast_models_role"), "forecast_models", type_="check")
    op.drop_column("forecast_models", "role")
    op.drop_column("forecast_models", "part")
    op.drop_column("forecast_runs", "warnings")
    op.drop_column("forecast_runs", "direction")
    op.drop_column("backtests", "findings")
