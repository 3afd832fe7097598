"""A frozen report for whoever has its link: no login, nothing but the snapshot, no word of a shopper."""

from flask import Blueprint, Flask, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reports import cells
from reports.tables import tables_of
from reports.trend import trend_of
from storage.shares import find_share
from storage.snapshots import figures_of
from webapp.auth.tokens import hash_token
from webapp.database import bind_workspace, session
from webapp.language import language
from webapp.limits import Buckets
from webapp.problems import Problem

blueprint = Blueprint("shared", __name__)

PER_MINUTE = 120
DAILY_ROWS = 90


def init_app(app: Flask) -> None:
    """Add /share/<word> to `app`."""
    app.register_blueprint(blueprint)
    app.extensions["share_buckets"] = Buckets(PER_MINUTE)


@blueprint.get("/share/<word>")
def show(word: str) -> ResponseReturnValue:
    """Show the snapshot; a word that opens nothing is slowed down as one that does."""
    seconds = current_app.extensions["share_buckets"].wait_for(request.remote_addr or "")
    if seconds:
        said = _("Too many requests. Try again in %(seconds)s s.", seconds=seconds)
        raise Problem(429, said, headers={"Retry-After": str(seconds)})
    found = find_share(session, hash_token(word))
    if found is None:
        raise Problem(404, _("This link has expired or was taken back. Ask for a new one."))
    bind_workspace(found.workspace_id, texts=False)
    figures = figures_of(found.snapshot)
    page = render_template(
        "shared.html",
        figures=figures,
        tables=tables_of(figures, language()),
        trend=trend_of(figures, 960, 320),
        share=found,
        daily_rows=DAILY_ROWS,
        said=cells.said,
    )
    answer = make_response(page)
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
