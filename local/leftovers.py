"""Ends what a killed `make run` left behind, and refuses to start twice."""

import json
import os
from pathlib import Path

import psutil

from local.environment import ROOT


class AlreadyRunning(RuntimeError):
    """Another `make run` of this checkout is alive."""


def ours(pid: int, folder: Path = ROOT) -> psutil.Process | None:
    """Return the process `pid` when it lives and works in `folder`; a recycled id names a stranger."""
    try:
        process = psutil.Process(pid)
        return process if process.is_running() and Path(process.cwd()) == folder.resolve() else None
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None


def record(path: Path, children: list[int]) -> None:
    """Write our own process id and those of the `children` to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"supervisor": os.getpid(), "children": children}))


def end_leftovers(path: Path) -> list[int]:
    """End the children named in `path` whose supervisor is gone.

    Returns
    -------
    list of int
        The process ids that were ended.

    Raises
    ------
    AlreadyRunning
        When the supervisor named there is alive.
    """
    if not path.exists():
        return []
    names = json.loads(path.read_text())
    if names["supervisor"] != os.getpid() and ours(names["supervisor"]):
        raise AlreadyRunning(
            f"already running as process {names['supervisor']}: stop it first, with Ctrl-C or `kill`"
        )
    left = [process for pid in names["children"] if (process := ours(pid))]
    families = [member for process in left for member in (process, *process.children(recursive=True))]
    for process in families:
        process.terminate()
    _, stubborn = psutil.wait_procs(families, timeout=10)
    for process in stubborn:
        process.kill()
    path.unlink()
    return [process.pid for process in left]
