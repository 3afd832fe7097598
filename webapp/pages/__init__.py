"""The pages people see: server-rendered, with a little htmx and one chart."""

from flask import Blueprint, Flask

from webapp.pages import (
    alert_history,
    alert_rules,
    alerts,
    compare,
    evidence,
    exports,
    glossary,
    imports,
    jobs,
    labelling,
    overview,
    report,
    review,
    tables,
    undo,
    views,
    weekly,
    workspace,
)
from webapp.pages.template import FILTERS, GLOBALS

__all__ = ["register"]


def register(app: Flask) -> None:
    """Add the pages, and what their templates call, to `app`."""
    pages = Blueprint("pages", __name__)
    reports = (report, evidence, review, tables, workspace, compare)
    files, watch = (exports, weekly), (alerts, alert_rules)
    for module in (overview, views, *reports, labelling, jobs, undo, imports, glossary, *watch, *files):
        module.add_routes(pages)
    app.register_blueprint(pages)
    alert_history.init_app(app)
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(GLOBALS)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
