"""The demo workspace of the first start: made by code, imported like any other data."""

import subprocess
import sys
from pathlib import Path

from local.environment import ROOT, kept_secret

EMAIL = "demo@fengping.example"
WORKSPACE = "demo"
FILES = ("products", "sales", "reviews")


def password(var: Path) -> str:
    """Return the demo user's password, random per machine."""
    return kept_secret(var / "demo-password")


def steps(var: Path) -> list[list[str]]:
    """Return the command lines that fill the demo workspace, in order. Each may run twice."""
    folder = var / "demo"
    flask = [sys.executable, "-m", "flask", "--app", "webapp"]
    workspace = ["--workspace", WORKSPACE]
    user = [*flask, "user", "create", EMAIL, "--role", "owner", "--password-stdin", *workspace]
    files = [[kind, str(folder / f"{kind}.csv")] for kind in FILES]
    imports = [[*flask, "import", *file, "--no-wait", *workspace] for file in files]
    rules = [*flask, "alerts", "usual", *workspace]
    # The suitcases smell since eight weeks, so somebody in this shop watches them closely.
    closely = ["--name", "行李箱差评（重点关注）", "--brand", "途伴", "--sensitivity", "5"]
    watched = [*flask, "alerts", "add", "negative_share", *closely, *workspace]
    return [user, rules, watched, [sys.executable, "-m", "demo", str(folder)], *imports]


def fill(var: Path, environment: dict[str, str]) -> bool:
    """Run the steps once per machine; a kill in between runs them again next time.

    Returns
    -------
    bool
        Whether anything was done.

    Raises
    ------
    subprocess.CalledProcessError
        When a step fails; its own message is on the terminal.
    """
    done = var / "demo" / "filled"
    if done.exists():
        return False
    secret = password(var)
    for step in steps(var):
        subprocess.run(
            step, cwd=ROOT, env=environment, input=secret, text=True, check=True, stdout=subprocess.DEVNULL
        )
    done.touch()
    return True
