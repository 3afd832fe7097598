"""Backup and restore, by the very lines that docs/operations.md gives."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from storage import migrate
from tests.faults.servers import wheel_programs
from tests.storage.filling import contents, fill

ROOT = Path(__file__).parents[1]
FILES = {"uploads/1/评论.csv": b"product_id\n", "artifacts/1/7/model.json": b"{}", "exports/.keep": b""}


@pytest.fixture
def two_urls(database_url: str) -> Iterator[list[str]]:
    """Two databases of their own on the server, dropped afterwards."""
    server = create_engine(database_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    names = ["kept", "restored"]
    with server.connect() as connection:
        for name in names:
            connection.execute(text(f"CREATE DATABASE {name}"))
    yield [server.url.set(database=name).render_as_string(hide_password=False) for name in names]
    with server.connect() as connection:
        for name in names:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def documented() -> list[str]:
    page = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    section = re.search(r"## Backup and restore\n(.*?)\n## ", page, re.DOTALL)
    assert section
    return re.findall(r"```sh\n(.*?)```", section.group(1), re.DOTALL)


def run(lines: str, url: str, data: Path, backup: Path, programs: Path) -> None:
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "DATABASE_URL": url,
        "DATA_DIR": str(data),
        "BACKUP": str(backup),
        "SECRET_KEY": "k",
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", lines],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_every_row_and_file_comes_back(
    two_urls: list[str], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    programs = Path(request.config.getoption("--postgres") or wheel_programs())
    kept, restored = two_urls
    data, again, backup = tmp_path / "data", tmp_path / "again", tmp_path / "backup"
    backup.mkdir()
    for name, content in FILES.items():
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_bytes(content)
    migrate.upgrade(kept)
    with create_engine(kept, poolclass=NullPool).begin() as connection:
        fill(connection)
        rows = contents(connection)
    saving, restoring = documented()
    run(saving, kept, data, backup, programs)
    run(restoring, restored, again, backup, programs)
    with create_engine(restored, poolclass=NullPool).begin() as connection:
        found = contents(connection)
        assert found.keys() == rows.keys()
        assert {name for name in rows if found[name] != rows[name]} == set()
        fill_more = connection.execute(text("INSERT INTO workspaces (name) VALUES ('新店') RETURNING id"))
        assert fill_more.scalar_one() > max(row["id"] for row in rows["workspaces"]), "ids begin anew"
    assert files_of(again) == FILES
