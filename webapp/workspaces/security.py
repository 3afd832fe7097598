"""One's own account: password, second factor, sessions."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from storage import accounts, recovery_codes, sign_ins
from storage.models import User
from webapp.auth import recovery, second
from webapp.auth.access import current_workspace, login_required_page
from webapp.auth.audit import note
from webapp.auth.links import weak
from webapp.auth.passwords import MIN_LENGTH, WeakPassword, hash_password
from webapp.auth.sessions import log_in, log_out
from webapp.auth.throttle import LoginRefused, TooManyAttempts, check_login
from webapp.database import session
from webapp.problems import Problem

_OFFERED = "offered_secret"


def add_routes(settings: Blueprint) -> None:
    """Put the pages at /settings/security."""
    settings.add_url_rule("/security", "security", security)
    settings.add_url_rule("/security/password", "password", password, methods=["POST"])
    settings.add_url_rule("/security/second", "second", turn_on, methods=["POST"])
    settings.add_url_rule("/security/second/off", "second_off", turn_off, methods=["POST"])
    settings.add_url_rule("/security/second/codes", "second_codes", renew_codes, methods=["POST"])
    settings.add_url_rule("/security/leave", "leave", leave, methods=["POST"])


@login_required_page
def security() -> ResponseReturnValue:
    """Show the account."""
    return _page()


@login_required_page
def password() -> ResponseReturnValue:
    """Change the password; every other session ends, this one goes on under a new word."""
    user = _proven()
    if user is None:
        return _page(fault=_("That is not the password of this account.")), 401
    try:
        user.password_hash = hash_password(request.form.get("new", ""))
    except WeakPassword:
        session.rollback()
        return _page(fault=weak()), 400
    ended = sign_ins.close_all(session, user.id)
    note(session, current_workspace.id, "password.change", user.email, after={"sessions_ended": ended})
    log_in(user, remember=bool(cookie.permanent))
    flash(_("The password is changed. Other sessions have ended."))
    return redirect(url_for("settings.security"))


@login_required_page
def turn_on() -> ResponseReturnValue:
    """Begin to ask for codes, once one of the secret shown is right; show recovery codes, this once."""
    user, secret = _user(), str(cookie.get(_OFFERED, ""))
    step = second.matching_step(secret, request.form.get("code", ""), datetime.now(UTC))
    if user.totp_sealed or step is None:
        return _page(fault=_("This code is not right.")), 400
    second.keep_secret(user, secret)
    sign_ins.use_step(session, user, step)
    codes = recovery.make_codes(session, user)
    note(session, current_workspace.id, "second_factor.on", user.email)
    session.commit()
    cookie.pop(_OFFERED)
    flash(_("From now on a code is asked for after the password."))
    return _page(codes=codes)


@login_required_page
def renew_codes() -> ResponseReturnValue:
    """Make ten new recovery codes and show them, this once; the old ones open nothing any more."""
    user = _proven()
    if user is None:
        return _page(fault=_("That is not the password of this account.")), 401
    if not user.totp_sealed:
        raise Problem(409, _("The second factor is not turned on."))
    codes = recovery.make_codes(session, user)
    note(session, current_workspace.id, "second_factor.codes", user.email, after={"codes": len(codes)})
    session.commit()
    return _page(codes=codes)


@login_required_page
def turn_off() -> ResponseReturnValue:
    """Ask for no more codes."""
    user = _proven()
    if user is None:
        return _page(fault=_("That is not the password of this account.")), 401
    user.totp_sealed = None
    recovery_codes.replace_codes(session, user.id, ())
    note(session, current_workspace.id, "second_factor.off", user.email)
    session.commit()
    return redirect(url_for("settings.security"))


@login_required_page
def leave() -> ResponseReturnValue:
    """End every session of the user, this one too."""
    ended = sign_ins.close_all(session, _user().id)
    note(session, current_workspace.id, "logout.everywhere", after={"sessions_ended": ended})
    log_out()
    return redirect(url_for("auth.login"))


def _page(fault: str = "", codes: Sequence[str] = ()) -> str:
    user = _user()
    secret = "" if user.totp_sealed else cookie.setdefault(_OFFERED, second.new_secret())
    address = second.address_of(secret, user.email) if secret else ""
    shown: dict[str, Any] = {"secret": secret, "address": address, "codes": codes}
    shown["picture"] = second.picture_of(address) if address else ""
    shown |= {"codes_left": recovery_codes.count_codes(session, user.id), "most": recovery.COUNT}
    shown["is_lost"] = bool(user.totp_sealed) and not second.secret_of(user)
    return render_template(
        "workspaces/security.html",
        section="settings.security",
        user=user,
        fault=fault,
        least=MIN_LENGTH,
        sign_ins=sign_ins.list_sign_ins(session, user.id),
        **shown,
    )


def _user() -> User:
    return cast(User, accounts.get_user(session, current_user.id))


def _proven() -> User | None:
    """Return the user if the password they gave is theirs; tries are counted as those of the login."""
    user = _user()
    try:
        return check_login(session, user.email, request.form.get("password", ""), request.remote_addr or "")
    except TooManyAttempts as error:
        told = _("Too many attempts. Please try again in 15 minutes.")
        raise Problem(429, told, headers={"Retry-After": str(error.retry_after)}) from error
    except LoginRefused:
        session.commit()
        return None
