"""`flask --app webapp refresh`: train and forecast now instead of tonight."""

import sys

import click
from flask.cli import with_appcontext

from webapp.cli.accounts import find_workspace
from webapp.cli.watch import watch
from webapp.database import bind_workspace, session
from webapp.forecasts import request_refresh


@click.command("refresh")
@click.option("--workspace", metavar="W", help="Needed where there are several.")
@with_appcontext
def command(workspace: str | None) -> None:
    """Train the models of a workspace on today's data, forecast every product, and wait for it."""
    found = find_workspace(workspace)
    bind_workspace(found.id)
    job = request_refresh(session, found.id)
    session.commit()
    ended = watch(found.id, job.id)
    click.echo(f"{ended.state} (job {ended.id})")
    if ended.state != "succeeded":
        click.echo(ended.error, err=True)
        sys.exit(1)
