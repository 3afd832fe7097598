"""`flask --app webapp alerts usual`: the rules that most shops want."""

import click
from flask.cli import AppGroup, with_appcontext

from webapp.alerts import add_usual_rules
from webapp.cli.accounts import find_workspace
from webapp.database import bind_workspace, session
from webapp.pages import alert_words

group = AppGroup("alerts", help="Rules that watch products.")


@group.command("usual")
@click.option("--workspace", metavar="W", help="Needed where there are several.")
@with_appcontext
def usual(workspace: str | None) -> None:
    """Add the rules that most shops want, those that the workspace has not; they tell nobody yet."""
    found = find_workspace(workspace)
    bind_workspace(found.id)
    added = add_usual_rules(session, found.id, alert_words.kind)
    session.commit()
    click.echo(f"{len(added)} rules added to workspace {found.name}")
