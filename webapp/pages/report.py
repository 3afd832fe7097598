"""The trend report of a product, and its newest forecast."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storage.errors import NoData
from storage.forecasts import latest_run
from storage.products import get_product
from webapp.auth import current_workspace, login_required_page, role_required
from webapp.database import session
from webapp.forecasts import request_forecast
from webapp.pages.alerts import of_product
from webapp.pages.conclusion import worst_day
from webapp.pages.evidence import behind_bar, of_aspect, of_day, read_day
from webapp.pages.findings import Known, blocks, gather, newest_run
from webapp.pages.outlook import outlook
from webapp.pages.period import CHOICES
from webapp.pages.waterfall import Bar

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
    known = gather(session, current_workspace.id, shown, request.args)
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
    return render_template(
        "pages/report.html",
        section="pages.overview",
        choices=CHOICES,
        known=known,
        **shown_blocks,
        filters=known.filters,
        alerts=of_product(product_id),
        **_evidence(known, shown_blocks["waterfall"]),
    )


def _evidence(known: Known, bars: Sequence[Bar]) -> dict[str, Any]:
    """Return the reviews that the address asks for; else those of the worst day, or of the newest one."""
    asked, scope, period = request.args.get("day"), known.filters.scope, known.period
    at = read_day(asked) if asked else worst_day(known.within) or known.last_reviewed
    return (
        behind_bar(known.product.id, bars)
        or of_aspect(known.product.id, period.start, period.end, scope)
        or of_day(known.product.id, at, scope, known.series)
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
