import subprocess
import sys
from pathlib import Path

import pytest

from demo.items import ITEMS
from local import demonstration


def test_the_user_comes_before_the_files(tmp_path: Path) -> None:
    words = [" ".join(step) for step in demonstration.steps(tmp_path)]
    places = [
        next(i for i, line in enumerate(words) if mark in line)
        for mark in ("user create", "-m demo", "import")
    ]
    assert places == sorted(places)
    [watched] = [line for line in words if "alerts add negative_share" in line]
    smelling = next(item for item in ITEMS if item.role == "smell")
    assert f"--brand {smelling.brand} " in watched
    assert [kind for kind in demonstration.FILES if any(f"import {kind} " in line for line in words)] == list(
        demonstration.FILES
    )


def test_fills_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "demo").mkdir()
    note = tmp_path / "note"
    program = f"import sys; open({str(note)!r}, 'a').write(sys.stdin.read())"
    monkeypatch.setattr(demonstration, "steps", lambda var: [[sys.executable, "-c", program]])
    assert demonstration.fill(tmp_path, {}) is True
    assert demonstration.fill(tmp_path, {}) is False
    assert note.read_text() == demonstration.password(tmp_path)


def test_a_failed_step_is_told_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "demo").mkdir()
    monkeypatch.setattr(demonstration, "steps", lambda var: [[sys.executable, "-c", "raise SystemExit(4)"]])
    with pytest.raises(subprocess.CalledProcessError):
        demonstration.fill(tmp_path, {})
    monkeypatch.setattr(demonstration, "steps", lambda var: [])
    assert demonstration.fill(tmp_path, {}) is True
