"""The forecast workspace of a product: how its models fared, and what would happen if."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storage.errors import NoData
from storage.forecasts import DEFAULT_HORIZON, get_backtest, is_stale, latest_run, whatifs
from storage.models import ForecastRun, Product
from storage.products import get_product
from storage.sales import last_day
from storage.scenarios import base_run, product_run, seen, talked_about
from webapp.auth import current_workspace, login_required_page, role_required
from webapp.database import session
from webapp.forecasts import request_forecast
from webapp.pages.asked import Asked, asked
from webapp.pages.cutoffs import cutoff_chart, measured, reason
from webapp.pages.decomposition import decomposition
from webapp.pages.residuals import residuals
from webapp.pages.steps import steps, steps_chart
from webapp.pages.whatif import whatif
from webapp.pages.wished import wished
from webapp.pages.wishes import price_slider, read_scenario, review_sliders

EARLIER = 6


def add_routes(pages: Blueprint) -> None:
    """Put the page at /products/<id>/workspace, its what-ifs below it."""
    under = "/products/<int:product_id>/workspace"
    pages.add_url_rule(under, "workspace", workspace)
    pages.add_url_rule(f"{under}/whatif", "ask_whatif", ask, methods=["POST"])
    pages.add_url_rule(f"{under}/whatif/<uuid:run_id>", "whatif_result", result)


@login_required_page
def workspace(product_id: int) -> ResponseReturnValue:
    """Show the backtest in full, and the what-if that the address names, or the newest."""
    product = get_product(session, current_workspace.id, product_id)
    backtest = get_backtest(session, current_workspace.id, product_id)
    run = latest_run(session, current_workspace.id, product_id)
    kept = steps(backtest)
    return render_template(
        "pages/workspace.html",
        section="pages.overview",
        product=product,
        product_id=product_id,
        run=run,
        stale=run is not None and is_stale(session, run),
        backtest=backtest,
        models=measured(backtest),
        cutoffs=cutoff_chart(backtest),
        reason=reason(backtest),
        residuals=residuals(backtest),
        steps=kept,
        steps_chart=steps_chart(kept),
        decomposition=decomposition(backtest),
        **_whatif_block(product),
    )


@role_required("analyst")
def ask(product_id: int) -> ResponseReturnValue:
    """Ask for a forecast with a scenario, and for the plain one that it is compared with."""
    workspace_id = current_workspace.id
    get_product(session, workspace_id, product_id)
    shown: dict[str, Any] = {}
    try:
        scenario = read_scenario(request.form, seen(session, workspace_id, product_id))
        if scenario:
            request_forecast(session, workspace_id, product_id)
            run, _created = request_forecast(session, workspace_id, product_id, scenario=scenario)
            session.commit()
            shown = {"run": run.id}
        else:
            flash(_("Nothing would change: move a slider, or choose a promotion."), "error")
    except NoData:
        flash(_("A forecast needs daily sales. Import them first."), "error")
    except ValueError as error:
        flash(str(error), "error")
    return redirect(url_for("pages.workspace", product_id=product_id, **shown, _anchor="whatif"))


@login_required_page
def result(product_id: int, run_id: UUID) -> ResponseReturnValue:
    """Show a what-if: a fragment that asks again until it is there."""
    run = product_run(session, current_workspace.id, product_id, run_id)
    return render_template("pages/whatif_result.html", product_id=product_id, asked=_beside(run))


def _beside(run: ForecastRun) -> Asked:
    return asked(run, base_run(session, run))


def _whatif_block(product: Product) -> dict[str, Any]:
    """Return the form's sliders and days, the what-if that is shown, and those before it."""
    workspace_id = current_workspace.id
    last = last_day(session, workspace_id)
    earlier = whatifs(session, workspace_id, product.id, EARLIER)
    shown = _shown(product.id) or next(iter(earlier), None)
    known, ahead = seen(session, workspace_id, product.id), _days_ahead(last)
    fields = wished(shown.scenario, known, ahead) if shown else {}
    talks = talked_about(session, workspace_id, product.id, last) if last else []
    return {
        "asked": _beside(shown) if shown else None,
        "earlier": [(run, whatif(run)) for run in earlier],
        "seen": known,
        "price": price_slider(known),
        "reviews": review_sliders(talks, fields),
        "ahead": ahead,
        "wished": fields,
    }


def _shown(product_id: int) -> ForecastRun | None:
    """Return the run that the address names; 404 for one that is not there."""
    named = request.args.get("run", type=UUID)
    return product_run(session, current_workspace.id, product_id, named) if named else None


def _days_ahead(last: date | None) -> tuple[date, date] | None:
    return (last + timedelta(days=1), last + timedelta(days=DEFAULT_HORIZON)) if last else None
