"""A stage of its own for the search for suspects."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

STAGES = "'import', 'score', 'daily', 'analyze', 'train', 'forecast', 'digest', 'undo'"


def upgrade() -> None:
    _allow(STAGES.replace("'daily'", "'suspects', 'daily'"))


def downgrade() -> None:
    # A search not yet over becomes one large chunk of the stage that searched before.
    op.execute("""
        UPDATE chunks SET stage = 'daily', payload = jsonb_build_object('daily', payload -> 'suspects')
        WHERE stage = 'suspects'
    """)
    op.execute("UPDATE jobs SET stage = 'daily' WHERE stage = 'suspects'")
    _allow(STAGES)


def _allow(stages: str) -> None:
    name = op.f("ck_chunks_stage")
    op.drop_constraint(name, "chunks", type_="check")
    op.create_check_constraint(name, "chunks", f"stage IN ({stages})")
