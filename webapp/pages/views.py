"""Views of the overview that its reader keeps under a name."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from storage.errors import Conflict
from storage.saved_views import MOST, drop_view, keep_view
from webapp.auth import current_workspace, login_required_page
from webapp.database import session
from webapp.pages.overview import read_wish
from webapp.problems import Problem

LONGEST = 30


def add_routes(pages: Blueprint) -> None:
    """Put the changes at /views."""
    pages.add_url_rule("/views", "keep_view", keep, methods=["POST"])
    pages.add_url_rule("/views/<int:view_id>/remove", "drop_view", drop, methods=["POST"])


@login_required_page
def keep() -> ResponseReturnValue:
    """Keep what the overview shows now, and show it again."""
    name, wish = request.form.get("name", "").strip(), read_wish(request.form)
    if not 0 < len(name) <= LONGEST:
        raise Problem(400, _("A view has a name of 1 to %(most)s characters.", most=LONGEST))
    try:
        keep_view(session, current_workspace.id, current_user.id, name, wish.asked)
    except Conflict as error:
        raise Problem(409, _("At most %(n)s views are kept. Remove one first.", n=MOST)) from error
    session.commit()
    flash(_("Saved."))
    return redirect(url_for("pages.overview", **wish.asked))


@login_required_page
def drop(view_id: int) -> ResponseReturnValue:
    """Forget a view."""
    drop_view(session, current_workspace.id, current_user.id, view_id)
    session.commit()
    return redirect(url_for("pages.overview"))
