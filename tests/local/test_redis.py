import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as NoConnection

from local.redis import command, end_leftover, free_port, is_open, redis, running, wait_until_open


def test_starts_a_real_server_that_keeps_its_data(tmp_path: Path) -> None:
    with redis(tmp_path / "redis") as url, Redis.from_url(url) as client:
        client.set("kept", "yes")
    with redis(tmp_path / "redis") as url, Redis.from_url(url) as client:
        assert client.get("kept") == b"yes"


def test_is_stopped_at_the_end(tmp_path: Path) -> None:
    with redis(tmp_path) as url:
        pass
    with Redis.from_url(url) as client, pytest.raises(NoConnection):
        client.ping()


def test_a_killed_server_is_started_again_at_its_address(tmp_path: Path) -> None:
    with running(tmp_path) as server, Redis.from_url(server.address) as client:
        assert not server.revive()
        server.process.kill()
        server.process.wait()
        assert server.revive()
        wait_until_open(server.port, server.process)
        assert client.ping()
        assert (tmp_path / "redis.pid").read_text() == str(server.process.pid)


def test_two_do_not_share_a_port(tmp_path: Path) -> None:
    with redis(tmp_path / "a") as first, redis(tmp_path / "b") as second:
        assert first != second


def test_binds_to_loopback_only(tmp_path: Path) -> None:
    words = command(tmp_path, 7000)
    assert words[words.index("--bind") + 1] == "127.0.0.1"


def test_a_server_that_ends_at_once_is_an_error() -> None:
    ended = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])
    ended.wait()
    with pytest.raises(RuntimeError, match="status 3"):
        wait_until_open(free_port(), ended)


def test_a_server_that_never_listens_is_an_error() -> None:
    silent = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        with pytest.raises(RuntimeError, match="did not listen"):
            wait_until_open(free_port(), silent, seconds=0.2)
    finally:
        silent.kill()
        silent.wait()


def test_free_port_is_free() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", free_port()))


def test_a_taken_port_is_seen() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        assert is_open(listener.getsockname()[1])
    assert not is_open(free_port())


def test_the_server_of_a_killed_supervisor_is_ended(tmp_path: Path) -> None:
    folder = tmp_path / "redis"
    folder.mkdir()
    orphan = subprocess.Popen(command(folder, free_port()), stdout=subprocess.DEVNULL)
    (folder / "redis.pid").write_text(str(orphan.pid))
    time.sleep(0.5)
    with redis(folder) as url, Redis.from_url(url) as client:
        assert client.ping()
    assert orphan.wait(10) is not None


def test_a_stranger_with_a_recycled_id_is_left_alone(tmp_path: Path) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    (tmp_path / "redis.pid").write_text(str(stranger.pid))
    end_leftover(tmp_path)
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()
