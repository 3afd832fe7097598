"""`flask --app webapp audit verify`: whether the audit log is whole."""

import sys

import click
from flask.cli import AppGroup, with_appcontext

from storage import audit
from webapp.database import session

group = AppGroup("audit", help="The log of who did what.")


@group.command("verify")
@click.option("--head", default="", metavar="HASH", help="An entry's hash that was noted before.")
@with_appcontext
def verify(head: str) -> None:
    """Walk every chain; print its length and its last hash, and leave with 1 when one is broken."""
    verdicts = audit.verify(session, head)
    for verdict in verdicts:
        said = verdict.broken or "whole"
        click.echo(
            f"workspace {verdict.workspace_id}: {verdict.entries} entries, head {verdict.head}, {said}"
        )
    click.echo(f"{sum(verdict.entries for verdict in verdicts)} entries verified")
    if any(verdict.broken for verdict in verdicts):
        sys.exit(1)
