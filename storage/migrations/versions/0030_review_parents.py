"""A review names one parent, its product: a key to workspace and job took a fifth of PostgreSQL's import.

The job stays as a plain number, as in products and sales, so that a job that goes leaves its reviews alone.
What was never read has no index: nobody asked for it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

PARENTS = {"workspace": "CASCADE", "job": "SET NULL"}


def upgrade() -> None:
    for parent in PARENTS:
        op.drop_constraint(op.f(f"fk_reviews_{parent}_id"), "reviews", type_="foreignkey")
    op.drop_index("ix_reviews_unscored", table_name="reviews")


def downgrade() -> None:
    op.create_index(
        "ix_reviews_unscored",
        "reviews",
        ["workspace_id", "id"],
        postgresql_where=sa.text("scored_by IS NULL"),
    )
    op.execute(
        "UPDATE reviews SET job_id = NULL WHERE job_id IS NOT NULL AND job_id NOT IN (SELECT id FROM jobs)"
    )
    for parent, action in PARENTS.items():
        op.execute(
            f"ALTER TABLE reviews ADD CONSTRAINT fk_reviews_{parent}_id FOREIGN KEY ({parent}_id) "
            f"REFERENCES {parent}s (id) ON DELETE {action}"
        )
