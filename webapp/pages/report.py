"""The trend report of a product, and the reviews of a clicked day."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storage.errors import NoData
from storage.overview import daily_series
from storage.products import get_product
from storage.reviews import list_reviews
from webapp.auth import current_workspace, login_required_page, role_required
from webapp.database import session
from webapp.forecasts import request_forecast
from webapp.pages.conclusion import worst_day
from webapp.pages.findings import blocks, gather, newest_run
from webapp.pages.period import CHOICES
from webapp.problems import Problem

EVIDENCE = 20
WAITING = ("queued", "running")
POLARITIES = ("negative", "neutral", "positive")


def add_routes(pages: Blueprint) -> None:
    """Put the report at /products/<id>."""
    pages.add_url_rule("/products/<int:product_id>", "product", product)
    pages.add_url_rule("/products/<int:product_id>/days/<day>", "day", day)
    pages.add_url_rule("/products/<int:product_id>/forecasts", "forecast", forecast, methods=["POST"])
    pages.add_url_rule("/products/<int:product_id>/forecasts/newest", "newest_forecast", newest_forecast)


@login_required_page
def product(product_id: int) -> ResponseReturnValue:
    """Show the report, or say what must be imported first."""
    shown = get_product(session, current_workspace.id, product_id)
    known = gather(session, current_workspace.id, shown, request.args.get("days"))
    if known is None:
        return render_template("pages/report_empty.html", section="pages.overview", product=shown)
    asked = request.args.get("day")
    at = read_day(asked) if asked else worst_day(known.within) or known.last_reviewed
    return render_template(
        "pages/report.html",
        section="pages.overview",
        choices=CHOICES,
        known=known,
        **blocks(session, current_workspace.id, known),
        **_evidence(product_id, at),
    )


@login_required_page
def day(product_id: int, day: str) -> ResponseReturnValue:
    """Show the reviews of one day: a fragment that htmx puts beside the chart."""
    get_product(session, current_workspace.id, product_id)
    return render_template(
        "pages/evidence.html", product_id=product_id, **_evidence(product_id, read_day(day))
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


def read_day(text: str) -> date:
    """Read a day of an address; 404 for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Problem(404, _("%(text)s is not a day; days look like 2026-11-11.", text=text)) from error


def _evidence(product_id: int, at: date | None) -> dict[str, Any]:
    """Return one day's reviews and counts; nothing where the product has no review at all."""
    if at is None:
        return {"at": None}
    polarity = request.args.get("polarity")
    chosen = polarity if polarity in POLARITIES else None
    reviews = list_reviews(
        session,
        current_workspace.id,
        product_id,
        start=at,
        end=at,
        polarity=chosen,
        cursor=request.args.get("cursor"),
        limit=EVIDENCE,
    )
    counts = daily_series(session, current_workspace.id, product_id, start=at, end=at)
    return {"at": at, "reviews": reviews, "counts": counts[0] if counts else None, "polarity": chosen}
