"""Reviews lie in a table a month; what a shop calls them is unique over all months in a table of keys.

All reviews are written anew, both ways: about half a minute a million.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

KEYS = ("workspace_id", "source", "external_id")
INDEXES = {
    "ix_reviews_account": "(workspace_id, user_key) WHERE user_key <> ''",
    "ix_reviews_job_id": "(job_id)",
    "ix_reviews_newest": "(workspace_id, created_at DESC, id DESC)",
    "ix_reviews_product_day": "(product_id, day) INCLUDE (workspace_id, label, score, is_suspect)",
    "ix_reviews_product_newest": "(product_id, created_at DESC, id DESC)",
    "ix_reviews_unscored": "(workspace_id, id) WHERE scored_by IS NULL",
    "ix_reviews_workspace_day": "(workspace_id, day) INCLUDE (product_id, label, is_suspect)",
}
PARENTS = {"workspace": "CASCADE", "product": "CASCADE", "job": "SET NULL"}


def upgrade() -> None:
    _begin("PARTITION BY RANGE (day)")
    op.execute("CREATE TABLE reviews_past PARTITION OF reviews FOR VALUES FROM (MINVALUE) TO ('2010-01-01')")
    op.execute("CREATE TABLE reviews_later PARTITION OF reviews FOR VALUES FROM ('2040-01-01') TO (MAXVALUE)")
    _make_months()
    _move_rows()
    _finish("id, day")
    op.create_table(
        "review_keys",
        sa.Column("workspace_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("review_id", sa.BigInteger(), nullable=False),
    )
    op.execute(
        "INSERT INTO review_keys SELECT workspace_id, source, external_id, id FROM reviews ORDER BY 1, 2, 3"
    )
    op.create_primary_key(op.f("pk_review_keys"), "review_keys", list(KEYS))
    # Dynamic, for a plan that suits one review and a million.
    op.execute(
        """
        CREATE FUNCTION forget_review_keys() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            EXECUTE 'DELETE FROM review_keys AS known USING gone WHERE known.workspace_id = gone.workspace_id
                AND known.source = gone.source AND known.external_id = gone.external_id';
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER reviews_forget_keys AFTER DELETE ON reviews REFERENCING OLD TABLE AS gone
        FOR EACH STATEMENT EXECUTE FUNCTION forget_review_keys()
        """
    )
    op.execute("ANALYZE reviews, review_keys")


def downgrade() -> None:
    _begin("")
    _move_rows()
    op.execute("DROP FUNCTION forget_review_keys()")
    op.drop_table("review_keys")
    _finish("id")
    op.create_unique_constraint(op.f("uq_reviews_workspace_id_source_external_id"), "reviews", list(KEYS))
    op.execute("ANALYZE reviews")


def _begin(partitions: str) -> None:
    """Put an empty table without indexes in the place of the one that is there."""
    op.execute("ALTER TABLE reviews RENAME TO reviews_before")
    op.execute("ALTER SEQUENCE reviews_id_seq RENAME TO reviews_before_id_seq")
    op.execute(f"CREATE TABLE reviews (LIKE reviews_before INCLUDING ALL EXCLUDING INDEXES) {partitions}")


def _make_months() -> None:
    op.execute(
        """
        DO $$ DECLARE month date; BEGIN
            FOR month IN SELECT DISTINCT date_trunc('month', day) FROM reviews_before
                WHERE day >= '2010-01-01' AND day < '2040-01-01' ORDER BY 1
            LOOP
                EXECUTE format('CREATE TABLE %I PARTITION OF reviews FOR VALUES FROM (%L) TO (%L)',
                    'reviews_' || to_char(month, 'YYYY_MM'), month, month + interval '1 month');
            END LOOP;
        END $$
        """
    )


def _move_rows() -> None:
    op.execute("INSERT INTO reviews OVERRIDING SYSTEM VALUE SELECT * FROM reviews_before ORDER BY id")
    op.execute("SELECT setval('reviews_id_seq', last_value, is_called) FROM reviews_before_id_seq")
    op.execute("DROP TABLE reviews_before")


def _finish(primary_key: str) -> None:
    """Give the filled table its keys and indexes."""
    op.execute(f"ALTER TABLE reviews ADD CONSTRAINT pk_reviews PRIMARY KEY ({primary_key})")
    for parent, action in PARENTS.items():
        op.execute(
            f"ALTER TABLE reviews ADD CONSTRAINT fk_reviews_{parent}_id FOREIGN KEY ({parent}_id) "
            f"REFERENCES {parent}s (id) ON DELETE {action}"
        )
    for name, columns in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON reviews {columns}")
