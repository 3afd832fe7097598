import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.environment import ROOT
from local.leftovers import AlreadyRunning, end_leftovers, ours, record

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def child() -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(SLEEP, cwd=ROOT)
    yield process
    process.kill()
    process.wait()


def gone() -> int:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def test_children_of_a_dead_supervisor_are_ended(tmp_path: Path, child: "subprocess.Popen[bytes]") -> None:
    path = tmp_path / "pids.json"
    path.write_text(json.dumps({"supervisor": gone(), "children": [child.pid]}))
    assert end_leftovers(path) == [child.pid]
    assert child.poll() is not None
    assert not path.exists()


def test_a_live_supervisor_is_not_disturbed(tmp_path: Path, child: "subprocess.Popen[bytes]") -> None:
    path = tmp_path / "pids.json"
    other = subprocess.Popen(SLEEP, cwd=ROOT)
    try:
        path.write_text(json.dumps({"supervisor": other.pid, "children": [child.pid]}))
        with pytest.raises(AlreadyRunning, match=str(other.pid)):
            end_leftovers(path)
        assert child.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_recycled_process_id_is_left_alone(tmp_path: Path) -> None:
    stranger = subprocess.Popen(SLEEP, cwd=tmp_path)
    try:
        path = tmp_path / "pids.json"
        path.write_text(json.dumps({"supervisor": gone(), "children": [stranger.pid]}))
        assert end_leftovers(path) == []
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_no_file_no_leftovers(tmp_path: Path) -> None:
    assert end_leftovers(tmp_path / "none.json") == []


def test_record_names_us_and_the_children(tmp_path: Path) -> None:
    path = tmp_path / "run" / "pids.json"
    record(path, [1, 2])
    assert json.loads(path.read_text()) == {"supervisor": os.getpid(), "children": [1, 2]}


def test_a_process_that_ended_is_not_ours() -> None:
    assert ours(gone()) is None
