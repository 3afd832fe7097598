"""How Alembic reaches the database; run by Alembic only."""

from alembic import context
from sqlalchemy import create_engine, pool, text

from storage.migrate import belongs_to_models
from storage.models import Base

# Two processes that migrate at once must take turns.
LOCK = 5213


def migrate() -> None:
    """Run the migrations in one transaction, one process at a time."""
    engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            compare_server_default=False,
            include_name=belongs_to_models,
        )
        context.run_migrations()


migrate()
