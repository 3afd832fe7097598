"""How the pages look to oneself: language, light or dark, the colour of what goes up."""

from collections.abc import Iterable
from typing import cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import refresh
from flask_login import current_user

from storage import accounts
from storage.models import User
from storage.models.accounts import RISES, THEMES
from webapp.auth import login_required_page
from webapp.database import session
from webapp.language import LOCALES
from webapp.problems import Problem


def add_routes(settings: Blueprint) -> None:
    """Put the page at /settings/looks."""
    settings.add_url_rule("/looks", "looks", looks)
    settings.add_url_rule("/looks", "keep_looks", keep_looks, methods=["POST"])


@login_required_page
def looks() -> ResponseReturnValue:
    """Show what is chosen."""
    return render_template("workspaces/looks.html", section="settings.security", user=_user())


@login_required_page
def keep_looks() -> ResponseReturnValue:
    """Keep what was chosen; a choice that is none of those offered is refused."""
    user = _user()
    user.language, user.theme = _one_of("language", LOCALES), _one_of("theme", THEMES)
    user.rise = _one_of("rise", RISES)
    session.commit()
    cookie["language"] = user.language
    refresh()
    flash(_("Saved."))
    return redirect(url_for("settings.looks"))


def _one_of(name: str, known: Iterable[str]) -> str:
    value = request.form.get(name, "")
    if value not in set(known):
        raise Problem(400, _("%(value)s is not offered here.", value=value))
    return value


def _user() -> User:
    return cast(User, accounts.get_user(session, current_user.id))
