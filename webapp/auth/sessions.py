"""Who is logged in with a cookie (Flask-Login): the cookie holds a random word, a row of ours its hash."""

import hashlib
import secrets
from dataclasses import dataclass

from flask import Flask, request
from flask import session as cookie
from flask_babel import lazy_gettext as _
from flask_login import LoginManager, UserMixin, login_user, logout_user

from storage import accounts, sign_ins
from storage.models import User, Workspace
from webapp.auth.tokens import hash_token
from webapp.database import session


@dataclass(frozen=True, eq=False)
class SessionUser(UserMixin):
    """The user of this request and the workspace they look at.

    A changed password ends every session that was opened with the old one; so does logging out everywhere.
    """

    id: int
    email: str
    name: str
    language: str | None
    theme: str
    rise: str
    workspace: Workspace | None
    role: str | None
    word: str

    @property
    def workspace_id(self) -> int | None:
        """The id of the workspace."""
        return self.workspace.id if self.workspace else None

    def get_id(self) -> str:
        """Return what the cookie holds: the user's id, and the random word whose hash is stored."""
        return f"{self.id}:{self.word}"


def init_app(app: Flask) -> None:
    """Start Flask-Login on `app`."""
    manager = LoginManager(app)
    manager.login_view = "auth.login"
    manager.login_message = _("Please log in first.")
    manager.user_loader(_load)


def log_in(user: User, *, remember: bool) -> None:
    """Open a session for `user`, in their language; one opened before ends and keeps nothing but a language.

    The caller's transaction is committed.
    """
    close_own()
    _start_afresh()
    if user.language:
        cookie.setdefault("language", user.language)
    cookie.permanent = remember
    word, agent = secrets.token_urlsafe(24), request.user_agent.string
    address = request.remote_addr or ""
    sign_ins.open_sign_in(session, user.id, hash_token(word), _seal(user), address=address, agent=agent)
    session.commit()
    login_user(_session_user(user, word))


def log_out() -> None:
    """End the session, here and wherever its cookie was copied to; the caller's transaction is committed."""
    close_own()
    session.commit()
    logout_user()
    _start_afresh()


def close_own() -> None:
    """Forget the session whose cookie was sent."""
    word = str(cookie.get("_user_id", "")).partition(":")[2]
    if word:
        sign_ins.close_sign_in(session, hash_token(word))


def _start_afresh() -> None:
    language = cookie.get("language")
    cookie.clear()
    if language:
        cookie["language"] = language


def _load(cookie_id: str) -> SessionUser | None:
    number, _, word = cookie_id.partition(":")
    found = sign_ins.find_sign_in(session, int(number), hash_token(word)) if number.isdigit() else None
    if found is None:
        return None
    user, opened = found
    return _session_user(user, word) if user.is_active and _seal(user) == opened.seal else None


def _session_user(user: User, word: str) -> SessionUser:
    memberships = {found.workspace_id: found for found in accounts.memberships_of(session, user.id)}
    chosen = memberships.get(cookie.get("workspace_id")) or next(iter(memberships.values()), None)
    workspace, role = (chosen.workspace, chosen.role) if chosen else (None, None)
    return SessionUser(
        user.id, user.email, user.name, user.language, user.theme, user.rise, workspace, role, word
    )


def _seal(user: User) -> str:
    return hashlib.sha256(user.password_hash.encode()).hexdigest()[:16]
