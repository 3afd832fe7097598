"""Links that open once: joining a workspace, choosing a new password."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storage import accounts, audit, sign_ins
from storage.models import Invitation, PasswordReset, User
from webapp.auth.audit import note
from webapp.auth.passwords import MAX_LENGTH, MIN_LENGTH, WeakPassword, hash_password
from webapp.auth.throttle import LoginRefused, TooManyAttempts, check_login
from webapp.auth.tokens import hash_token
from webapp.auth.views import enter
from webapp.database import session
from webapp.problems import Problem

blueprint = Blueprint("links", __name__)


@blueprint.get("/join/<word>")
def join(word: str) -> ResponseReturnValue:
    """Show who invites, and ask for a password: a new one, or that of the account that exists."""
    return _join_page(_invitation(word), "")


@blueprint.post("/join/<word>")
def accept(word: str) -> ResponseReturnValue:
    """Make the account where there is none, join, and log in; the link opens nothing again."""
    invitation = _invitation(word, lock=True)
    try:
        user = _account(invitation, request.form.get("password", ""))
    except TooManyAttempts as error:
        raise Problem(
            429,
            _("Too many attempts. Please try again in 15 minutes."),
            headers={"Retry-After": str(error.retry_after)},
        ) from error
    except LoginRefused:
        session.commit()
        return _join_page(_invitation(word), _("That is not the password of this account.")), 401
    except WeakPassword:
        return _join_page(invitation, weak()), 400
    sign_ins.use_up(session, invitation)
    accounts.set_membership(session, invitation.workspace_id, user.id, invitation.role)
    actor = audit.Actor(user.email, user.id, address=request.remote_addr or "")
    after = {"role": invitation.role}
    note(session, invitation.workspace_id, "invitation.accept", user.email, after=after, actor=actor)
    if user.totp_sealed:
        session.commit()
        return render_template("auth/link_done.html", href=url_for("auth.login"))
    return enter(user, remember=False, target="/")


@blueprint.get("/reset/<word>")
def reset(word: str) -> ResponseReturnValue:
    """Ask for a new password."""
    return render_template("auth/reset.html", email=_reset(word).user.email, fault="", least=MIN_LENGTH)


@blueprint.post("/reset/<word>")
def renew(word: str) -> ResponseReturnValue:
    """Set the password, end every session of the user, and send them to the login."""
    link = _reset(word, lock=True)
    user = link.user
    try:
        user.password_hash = hash_password(request.form.get("password", ""))
    except WeakPassword:
        return render_template("auth/reset.html", email=user.email, fault=weak(), least=MIN_LENGTH), 400
    sign_ins.use_up(session, link)
    ended = sign_ins.close_all(session, user.id)
    actor = audit.Actor(user.email, user.id, address=request.remote_addr or "")
    for one in accounts.memberships_of(session, user.id):
        after = {"sessions_ended": ended}
        note(session, one.workspace_id, "password.reset", user.email, after=after, actor=actor)
    session.commit()
    return render_template("auth/link_done.html", href=url_for("auth.login"))


def weak() -> str:
    """Say how long a password is."""
    return _("A password has %(least)s to %(most)s characters.", least=MIN_LENGTH, most=MAX_LENGTH)


def _account(invitation: Invitation, password: str) -> User:
    if accounts.find_user(session, invitation.email) is not None:
        return check_login(session, invitation.email, password, request.remote_addr or "")
    return accounts.create_user(session, invitation.email, hash_password(password))


def _join_page(invitation: Invitation, fault: str) -> str:
    known = accounts.find_user(session, invitation.email) is not None
    return render_template(
        "auth/join.html", invitation=invitation, known=known, fault=fault, least=MIN_LENGTH
    )


def _invitation(word: str, *, lock: bool = False) -> Invitation:
    found = sign_ins.find_invitation(session, hash_token(word), lock=lock)
    if found is None:
        raise Problem(404, _("This link was used, withdrawn or has expired. Ask for a new one."))
    return found


def _reset(word: str, *, lock: bool = False) -> PasswordReset:
    found = sign_ins.find_reset(session, hash_token(word), lock=lock)
    if found is None:
        raise Problem(404, _("This link was used, withdrawn or has expired. Ask for a new one."))
    return found
