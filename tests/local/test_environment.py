import stat
from pathlib import Path

import pytest

from local.environment import CONSOLE, environment, fresh, kept_secret, own_environment, write_console


def test_a_secret_is_made_once_and_only_for_us(tmp_path: Path) -> None:
    path = tmp_path / "var" / "secret"
    first = kept_secret(path)
    assert len(first) >= 32
    assert kept_secret(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_two_machines_have_different_secrets(tmp_path: Path) -> None:
    assert kept_secret(tmp_path / "a") != kept_secret(tmp_path / "b")


def test_a_half_written_secret_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "secret.new").write_text("")
    assert len(kept_secret(tmp_path / "secret")) >= 32


def test_our_addresses_win_and_the_users_choices_are_kept(tmp_path: Path) -> None:
    inherited = {"DATABASE_URL": "elsewhere", "DATA_DIR": "/data", "PATH": "/bin"}
    told = environment(tmp_path, "postgresql://ours", "redis://ours", inherited)
    assert told["DATABASE_URL"] == "postgresql://ours"
    assert told["BROKER_URL"] == "redis://ours"
    assert told["DATA_DIR"] == "/data"
    assert told["PATH"] == "/bin"
    assert told["SECRET_KEY"] == (tmp_path / "secret-key").read_text()


def test_own_environment_is_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FENGPING_TRIAL", "1")
    copy = own_environment()
    copy["FENGPING_TRIAL"] = "2"
    assert own_environment()["FENGPING_TRIAL"] == "1"


def test_the_flask_command_learns_the_addresses(tmp_path: Path) -> None:
    from dotenv import dotenv_values

    told = environment(
        tmp_path, "postgresql+psycopg://postgres:@/postgres?host=/a b", "redis://127.0.0.1:1/0", {}
    )
    write_console(tmp_path / "console", told)
    write_console(tmp_path / "console", told)
    assert dotenv_values(tmp_path / "console") == {name: told[name] for name in CONSOLE}
    assert stat.S_IMODE((tmp_path / "console").stat().st_mode) == 0o600


def test_counters_of_an_earlier_start_are_forgotten(tmp_path: Path) -> None:
    old = fresh(tmp_path / "metrics") / "counter_1.db"
    old.touch()
    assert list(fresh(tmp_path / "metrics").iterdir()) == []
