"""Keys of programs: made, shown once, ended; for owners."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storage import accounts
from storage.models import ROLES
from webapp.api.blueprint import ApiBlueprint
from webapp.auth.access import current_workspace, principal, role_required
from webapp.auth.audit import note
from webapp.auth.tokens import generate_token, hash_token
from webapp.database import session
from webapp.problems import Problem

LIVES = (30, 90, 365)
LONGEST_NAME = 100


def add_routes(settings: Blueprint) -> None:
    """Put the pages at /settings/tokens."""
    settings.add_url_rule("/tokens", "tokens", tokens)
    settings.add_url_rule("/tokens", "create_token", create_token, methods=["POST"])
    settings.add_url_rule("/tokens/<int:token_id>/revoke", "revoke_token", revoke_token, methods=["POST"])


@role_required("owner")
def tokens() -> ResponseReturnValue:
    """Show the tokens of the workspace."""
    return _page()


@role_required("owner")
def create_token() -> ResponseReturnValue:
    """Make a token and show it, this once."""
    name, role = request.form.get("name", "").strip()[:LONGEST_NAME], request.form.get("role", "")
    chosen, days = request.form.getlist("scope"), request.form.get("days", "")
    if role not in ROLES or set(chosen) - set(scopes()) or days not in map(str, LIVES):
        raise Problem(400, _("Some parameters are not valid."))
    if not name:
        flash(_("Say what the token is for."), "error")
        return redirect(url_for("settings.tokens"))
    who, secret = principal(), generate_token()
    accounts.create_token(
        session,
        current_workspace.id,
        name=name,
        role=role,
        token_hash=hash_token(secret),
        prefix=secret[:8],
        created_by=who.user_id if who else None,
        expires_at=datetime.now(UTC) + timedelta(days=int(days)),
        scopes=chosen,
    )
    after = {"role": role, "scopes": chosen, "days": int(days)}
    note(session, current_workspace.id, "token.create", name, after=after)
    session.commit()
    return _page(secret=secret)


@role_required("owner")
def revoke_token(token_id: int) -> ResponseReturnValue:
    """End a token's life."""
    accounts.revoke_token(session, current_workspace.id, token_id)
    note(session, current_workspace.id, "token.revoke", token_id)
    session.commit()
    return redirect(url_for("settings.tokens"))


def scopes() -> list[str]:
    """Return the parts of the API that a token can be made for."""
    found = current_app.blueprints.items()
    return sorted(name for name, blueprint in found if isinstance(blueprint, ApiBlueprint))


def _page(secret: str = "") -> str:
    shown: dict[str, Any] = {"roles": ROLES, "scopes": scopes(), "lives": LIVES, "now": datetime.now(UTC)}
    listed = accounts.list_tokens(session, current_workspace.id)
    return render_template(
        "workspaces/tokens.html", section="settings.security", tokens=listed, secret=secret, **shown
    )
