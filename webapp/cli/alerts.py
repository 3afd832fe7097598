"""`flask --app webapp alerts`: the rules that most shops want, and one of one's own."""

import click
from flask.cli import AppGroup, with_appcontext

from alerting import KINDS, SENSITIVITIES
from storage import alert_rules
from webapp.alerts import add_usual_rules
from webapp.auth.audit import note
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


@group.command("add")
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--name", metavar="N", required=True, help="One that is there already is not added again.")
@click.option("--category", metavar="C", help="Only these products, as with --brand and --shop.")
@click.option("--brand", metavar="B")
@click.option("--shop", metavar="S")
@click.option("--sensitivity", type=click.IntRange(min(SENSITIVITIES), max(SENSITIVITIES)), default=3)
@click.option("--workspace", metavar="W", help="Needed where there are several.")
@with_appcontext
def add(kind: str, name: str, sensitivity: int, workspace: str | None, **where: str | None) -> None:
    """Add a rule of one's own; it tells nobody yet."""
    found = find_workspace(workspace)
    bind_workspace(found.id)
    if name in {rule.name for rule in alert_rules.list_rules(session, found.id)}:
        click.echo(f"workspace {found.name} has a rule of this name")
        return
    scope = {part: value for part, value in where.items() if value}
    values = {"name": name, "kind": kind, "sensitivity": sensitivity, "scope": scope}
    alert_rules.add_rule(session, found.id, values)
    note(session, found.id, "alert_rule.add", name, after=values)
    session.commit()
    click.echo(f"1 rule added to workspace {found.name}")
