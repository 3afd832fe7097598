"""The trend report of a product, and its newest forecast."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storage.errors import NoData
from storage.forecasts import latest_run
from storage.products import get_product
from webapp.auth import current_workspace, login_required_page, role_required
from webapp.database import session
from webapp.forecasts import request_forecast
from webapp.pages.conclusion import worst_day
from webapp.pages.evidence import behind_bar, of_day, read_day
from webapp.pages.findings import blocks, gather, newest_run
from webapp.pages.outlook import outlook
from webapp.pages.period import CHOICES

WAITING = ("queued", "running")


def add_routes(pages: Blueprint) -> None:
    """Put the report at /products/<id>."""
    pages.add_url_rule("/products/<int:product_id>", "product", product)
    pages.add_url_rule("/products/<int:product_id>/forecasts", "forecast", forecast, methods=["POST"])
    pages.add_url_rule("/products/<int:product_id>/forecasts/newest", "newest_forecast", newest_forecast)


@login_required_page
def product(product_id: int) -> ResponseReturnValue:
    """Show the report, or say what must be imported first."""
    shown = get_product(session, current_workspace.id, product_id)
    known = gather(session, current_workspace.id, shown, request.args.get("days"))
    if known is None:
        run = latest_run(session, current_workspace.id, product_id)
        newest = newest_run(session, current_workspace.id, product_id)
        return render_template(
            "pages/report_empty.html",
            section="pages.overview",
            product=shown,
            product_id=product_id,
            newest=newest,
            run=run,
            ahead=outlook(run, ()),
        )
    shown_blocks = blocks(session, current_workspace.id, known)
    asked = request.args.get("day")
    at = read_day(asked) if asked else worst_day(known.within) or known.last_reviewed
    return render_template(
        "pages/report.html",
        section="pages.overview",
        choices=CHOICES,
        known=known,
        **shown_blocks,
        **(behind_bar(product_id, shown_blocks["waterfall"]) or of_day(product_id, at)),
    )


@role_required("analyst")
def forecast(product_id: int) -> ResponseReturnValue:
    """Ask for a forecast of the newest data."""
    try:
        _run, created = request_forecast(session, current_workspace.id, product_id)
    except NoData:
        flash(_("A forecast needs daily sales. Import them first."), "error")
    else:
        session.commit()
        flash(
            _("The forecast is under way and will appear here.")
            if created
            else _("The forecast is up to date.")
        )
    return redirect(url_for("pages.product", product_id=product_id))


@login_required_page
def newest_forecast(product_id: int) -> ResponseReturnValue:
    """Show how far the newest forecast is; once it has ended, tell htmx to load the report again."""
    get_product(session, current_workspace.id, product_id)
    run = newest_run(session, current_workspace.id, product_id)
    headers = {} if run and run.state in WAITING else {"HX-Refresh": "true"}
    return render_template("pages/newest_forecast.html", run=run, product_id=product_id), 200, headers
