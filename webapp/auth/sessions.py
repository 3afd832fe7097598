"""Who is logged in with a cookie (Flask-Login)."""

import hashlib
from dataclasses import dataclass

from flask import Flask
from flask import session as cookie
from flask_babel import lazy_gettext as _
from flask_login import LoginManager, UserMixin, login_user, logout_user

from storage import accounts
from storage.models import User
from webapp.database import session


@dataclass(frozen=True, eq=False)
class SessionUser(UserMixin):
    """The user of this request and the workspace they look at.

    A changed password ends every session that was opened with the old one.
    """

    id: int
    email: str
    name: str
    language: str | None
    workspace_id: int | None
    role: str | None
    seal: str

    def get_id(self) -> str:
        """Return what the cookie holds: the user's id, and a seal that changes with the password."""
        return f"{self.id}:{self.seal}"


def init_app(app: Flask) -> None:
    """Start Flask-Login on `app`."""
    manager = LoginManager(app)
    manager.login_view = "auth.login"
    manager.login_message = _("Please log in first.")
    manager.user_loader(_load)


def log_in(user: User, *, remember: bool) -> None:
    """Open a session for `user`, in their language; one opened before keeps nothing but a language chosen."""
    _start_afresh()
    if user.language:
        cookie.setdefault("language", user.language)
    cookie.permanent = remember
    login_user(_session_user(user))


def log_out() -> None:
    """End the session."""
    logout_user()
    _start_afresh()


def _start_afresh() -> None:
    language = cookie.get("language")
    cookie.clear()
    if language:
        cookie["language"] = language


def _load(cookie_id: str) -> SessionUser | None:
    number, _, seal = cookie_id.partition(":")
    user = accounts.get_user(session, int(number)) if number.isdigit() else None
    if user is None or not user.is_active or _seal(user) != seal:
        return None
    return _session_user(user)


def _session_user(user: User) -> SessionUser:
    memberships = {found.workspace_id: found.role for found in accounts.memberships_of(session, user.id)}
    chosen = cookie.get("workspace_id")
    workspace_id = chosen if chosen in memberships else next(iter(memberships), None)
    role = memberships.get(workspace_id) if workspace_id is not None else None
    return SessionUser(user.id, user.email, user.name, user.language, workspace_id, role, _seal(user))


def _seal(user: User) -> str:
    return hashlib.sha256(user.password_hash.encode()).hexdigest()[:16]
