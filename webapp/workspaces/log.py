"""The audit log, for owners."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from storage import audit
from webapp.auth.access import current_workspace, role_required
from webapp.database import session
from webapp.workspaces.acts import act, actor
from webapp.workspaces.told import target, told


def add_routes(settings: Blueprint) -> None:
    """Put the page at /settings/audit."""
    settings.add_url_rule("/audit", "audit", log)


@role_required("owner")
def log() -> ResponseReturnValue:
    """Show who did what, newest first."""
    cursor = request.args.get("cursor")
    page = audit.list_entries(session, current_workspace.id, cursor=cursor)
    return render_template(
        "workspaces/audit.html",
        section="settings.security",
        entries=page.items,
        next=page.next,
        act_name=act,
        actor_name=actor,
        target_name=target,
        told=told,
    )
