"""Commands for operators: `flask --app webapp …`."""

from flask import Flask

from webapp.cli import accounts, alerts, audit, imports, refresh


def init_app(app: Flask) -> None:
    """Add the commands to `flask`."""
    for part in (
        imports.command,
        refresh.command,
        accounts.workspace,
        accounts.user,
        accounts.token,
        audit.group,
        alerts.group,
    ):
        app.cli.add_command(part)
