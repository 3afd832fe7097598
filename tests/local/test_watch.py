from pathlib import Path

import pytest

import local.__main__ as program
from local.processes import Processes


def test_a_dead_server_is_revived_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = iter([False, True])

    def revive() -> bool:
        for died in answers:
            return died
        raise program.Stop

    monkeypatch.setattr(program, "RESTART_SECONDS", 0)
    with pytest.raises(program.Stop):
        program.watch(Processes({}, {}, tmp_path), tmp_path / "pids.json", {"postgres": revive})
    assert capsys.readouterr().err.startswith("restarted: postgres (")
