"""Bring a database to today's tables: ``python -m storage.migrate``."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config

from settings import Settings, SettingsError

FOLDER = Path(__file__).parent / "migrations"


def alembic_config(url: str, secret_key: str = "") -> Config:
    """Compose Alembic's configuration; no ini file is read."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    config.attributes["secret_key"] = secret_key
    return config


def belongs_to_models(name: str | None, kind: str, parents: object) -> bool:
    """Tell Alembic what to compare with the models: the months of reviews are made as they come."""
    return not (kind == "table" and re.fullmatch(r"reviews_(\d{4}_\d{2}|past|later)", name or ""))


def upgrade(url: str, revision: str = "head", secret_key: str = "") -> None:
    """Apply every migration the database has not seen; safe to run twice or at once.

    Parameters
    ----------
    url
        SQLAlchemy address of the database.
    revision
        Where to stop; ``head`` is the newest.
    secret_key
        `SECRET_KEY` of the settings; revision 0028 seals second factors with it, where there are any.
    """
    command.upgrade(alembic_config(url, secret_key), revision)


def downgrade(url: str, revision: str = "base", secret_key: str = "") -> None:
    """Undo migrations down to `revision`, as `upgrade` does them; the data of dropped tables is gone."""
    command.downgrade(alembic_config(url, secret_key), revision)


def main() -> int:
    """Migrate the database that ``DATABASE_URL`` names."""
    try:
        settings = Settings.from_env()
        upgrade(settings.database_url, secret_key=settings.secret_key)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
