"""What the processes of one machine are told: addresses, secret key, folders."""

import os
import secrets
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[1]


def kept_secret(path: Path) -> str:
    """Return the secret in `path`, making a random one that only this user reads at first."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(secrets.token_urlsafe(24))
        new.replace(path)  # a kill in between leaves no half secret
    return path.read_text()


def fresh(folder: Path) -> Path:
    """Empty `folder`, making it when missing, and return it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def environment(var: Path, database_url: str, broker_url: str, inherited: dict[str, str]) -> dict[str, str]:
    """Return the environment of every child process.

    Parameters
    ----------
    var : Path
        Folder of this machine's state.
    database_url, broker_url : str
        Addresses of the started servers.
    inherited : dict of str
        Our own environment; a variable set there wins, except the two addresses.
    """
    ours = {
        "DATA_DIR": str(var / "data"),
        "SECRET_KEY": kept_secret(var / "secret-key"),
        "PYTHONUNBUFFERED": "1",
    }
    return {**ours, **inherited, "DATABASE_URL": database_url, "BROKER_URL": broker_url}


def own_environment() -> dict[str, str]:
    """Return a copy of this process's environment."""
    return dict(os.environ)


CONSOLE = ("DATABASE_URL", "BROKER_URL", "SECRET_KEY", "DATA_DIR")


def write_console(path: Path, told: dict[str, str]) -> None:
    """Write the addresses to `path`, which the `flask` command reads when it is started in this checkout."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}='{told[name]}'\n" for name in CONSOLE))
