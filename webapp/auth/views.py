"""Logging in and out."""

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from storage import accounts, audit
from storage.models import User
from storage.recovery_codes import count_codes
from webapp.auth import second
from webapp.auth.access import principal
from webapp.auth.audit import note
from webapp.auth.forms import LoginForm
from webapp.auth.sessions import log_in, log_out
from webapp.auth.throttle import LoginRefused, TooManyAttempts, check_login, check_second
from webapp.database import session

blueprint = Blueprint("auth", __name__)


def init_app(app: Flask) -> None:
    """Add /login and /logout to `app`."""
    app.register_blueprint(blueprint)


@blueprint.get("/login")
def login() -> ResponseReturnValue:
    """Show the form."""
    if current_user.is_authenticated:
        return redirect(_inside(request.args.get("next")))
    return render_template(
        "auth/login.html", form=LoginForm(formdata=None, next=request.args.get("next", ""))
    )


@blueprint.post("/login")
def check() -> ResponseReturnValue:
    """Check e-mail and password; a failure is recorded and says no more than that."""
    form = LoginForm()
    if not form.validate():
        return render_template("auth/login.html", form=form), 400
    try:
        user = check_login(
            session, form.email.data or "", form.password.data or "", request.remote_addr or ""
        )
    except TooManyAttempts as error:
        form.password.errors = [gettext("Too many attempts. Please try again in 15 minutes.")]
        return render_template("auth/login.html", form=form), 429, {"Retry-After": str(error.retry_after)}
    except LoginRefused:
        form.password.errors = [gettext("E-mail or password is not right.")]
        note_login(form.email.data or "", succeeded=False)
        session.commit()
        return render_template("auth/login.html", form=form), 401
    session.commit()
    if user.totp_sealed:
        second.begin(user, remember=bool(form.remember.data), target=_inside(form.next.data))
        return redirect(url_for("auth.code"))
    return enter(user, remember=bool(form.remember.data), target=_inside(form.next.data))


@blueprint.get("/login/code")
def code() -> ResponseReturnValue:
    """Ask for the second factor of somebody whose password was right."""
    if second.pending(session) is None:
        return redirect(url_for("auth.login"))
    return render_template("auth/code.html", fault="")


@blueprint.post("/login/code")
def check_code() -> ResponseReturnValue:
    """Check the second factor, or a recovery code; failures count as those of passwords do."""
    waiting = second.pending(session)
    if waiting is None:
        return redirect(url_for("auth.login"))
    address = request.remote_addr or ""
    try:
        recovered = check_second(session, waiting.user, request.form.get("code", ""), address)
    except TooManyAttempts as error:
        fault = gettext("Too many attempts. Please try again in 15 minutes.")
        page = render_template("auth/code.html", fault=fault)
        return page, 429, {"Retry-After": str(error.retry_after)}
    except LoginRefused:
        note_login(waiting.user.email, succeeded=False)
        session.commit()
        return render_template("auth/code.html", fault=gettext("This code is not right.")), 401
    if not recovered:
        return enter(waiting.user, remember=waiting.remember, target=waiting.target)
    left = count_codes(session, waiting.user.id)
    _note_everywhere(waiting.user.email, "second_factor.recovery", {"codes_left": left})
    answer = enter(waiting.user, remember=waiting.remember, target=waiting.target)
    flash(gettext("That recovery code is used up; %(n)s are left.", n=left))
    return answer


def enter(user: User, *, remember: bool, target: str) -> ResponseReturnValue:
    """Open a session for somebody who has proven who they are, and go where they wanted to."""
    note_login(user.email, succeeded=True)
    log_in(user, remember=remember)
    return redirect(target)


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    """End the session."""
    who = principal()
    if who is not None:
        note(session, who.workspace.id, "logout")
        session.commit()
    log_out()
    return redirect(url_for("auth.login"))


def note_login(email: str, *, succeeded: bool) -> None:
    """Write a login down with every workspace of the person; with none where nobody has that address."""
    _note_everywhere(email, "login" if succeeded else "login.refused")


def _note_everywhere(email: str, action: str, after: dict[str, Any] | None = None) -> None:
    user = accounts.find_user(session, email)
    found = accounts.memberships_of(session, user.id) if user else []
    actor = audit.Actor(email.strip().lower(), user.id if user else None, address=request.remote_addr or "")
    for workspace_id in [one.workspace_id for one in found] or [audit.NOBODYS]:
        note(session, workspace_id, action, after=after, actor=actor)


def _inside(target: str | None) -> str:
    """Return `target` where it stays on this site, else the start page."""
    inside = (
        target and target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    )
    return target if inside and target else "/"
