"""Writing down who did what, for pages, API and command line alike."""

import getpass
from collections.abc import Mapping
from typing import Any

from flask import has_request_context, request
from sqlalchemy.orm import Session

from storage import accounts, audit
from storage.models import AuditEntry
from webapp.auth.access import principal


def note(
    session: Session,
    workspace_id: int,
    action: str,
    target: object = "",
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    actor: audit.Actor | None = None,
) -> AuditEntry:
    """Add an entry in the transaction of the act; the actor is whoever asks, unless named.

    Secrets and what shoppers wrote have no place in it.
    """
    who = actor or current_actor(session)
    return audit.record(session, workspace_id, who, action, str(target), before=before, after=after)


def current_actor(session: Session) -> audit.Actor:
    """Return who asks: a person, a token, a stranger, or somebody at the command line."""
    if not has_request_context():
        return audit.Actor(f"command line ({_system_user()})")
    address = request.remote_addr or ""
    who = principal()
    if who is None:
        return audit.Actor("stranger", address=address)
    if who.token_id is not None:
        return audit.Actor(f"token {who.token_name}", who.user_id, who.token_id, address)
    user = accounts.get_user(session, who.user_id) if who.user_id is not None else None
    return audit.Actor(user.email if user else "unknown", who.user_id, None, address)


def _system_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "unknown"
